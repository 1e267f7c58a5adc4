"""What songs are about: things and what they do, places, objects, moods. Own words, for the lyric writer.

`things` are "noun: what it does" (plural nouns end in +); `places` follow a verb; `objects` can be kept, lost and
found; `qualities` go before nouns; `hooks` are title lines; `words` are what a description says when it means the theme.
"""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Theme:
    name: str
    words: str
    things: str
    places: str
    objects: str
    qualities: str
    hooks: str
    turns: str

    @cached_property
    def thing_list(self) -> list[tuple[str, bool, list[str]]]:
        """(noun, is it plural, verbs that agree with it)."""
        found = []
        for item in self.things.split(";"):
            noun, _, verbs = item.strip().partition(":")
            found.append((noun.strip().rstrip("+"), noun.strip().endswith("+"), verbs.split()))
        return found

    def listed(self, field: str) -> list[str]:
        return [item.strip() for item in getattr(self, field).split(";") if item.strip()]


THEMES = (
    Theme(
        "night",
        "night city neon midnight downtown street lights lonely insomnia taxi skyline late urban moon dark sleep",
        "streetlight: hums flickers waits; city: breathes sleeps shines; moon: climbs leans listens; window: glows rattles; taxi: idles waits; "
        "neon sign: buzzes burns; siren: calls fades; last train: leaves sighs; headlights+: pass drift; shadows+: dance stretch; "
        "clock: stops ticks; jukebox: plays glows",
        "across the street; on every wall; above the avenue; behind the blinds; beneath the bridge; outside my door; along the boulevard; down the hall; "
        "on Seventh and Main; in the pouring rain; by the corner store; over empty rooms; on the second floor; through the window pane; in the blue light; "
        "past the parking lot; under the skyline",
        "lighter; last cigarette; paper cup; winter coat; bus ticket; phone; photograph",
        "quiet; electric; restless; midnight; silver; sleepless; neon; empty",
        "Leave the light on; Stay awake with me; Nobody sleeps tonight; City of mine; Meet me at midnight; Under the same moon; Wait for the morning",
        "the dark; the morning; the silence; the skyline; the quiet",
    ),
    Theme(
        "love",
        "love heart romance kiss lover wedding crush darling sweetheart romantic marry valentine forever couple devotion tenderness",
        "my heart: races beats opens; kettle: sings hums; morning: waits begins; your laughter: lingers rises; your voice: carries stays; "
        "world: slows turns; candle: burns flickers; curtains+: sway move; radio: whispers plays; tide: turns returns; hands+: tremble learn",
        "by my side; in your eyes; on your skin; in my arms; across the room; under your coat; in the kitchen light; close to me; in the month of May; "
        "on a borrowed bed; through the open door; next to mine; in the softest voice; on the balcony; in your hair; at the end of the day",
        "name; letter; sweater; promise; ring; secret; yellow dress; spare key",
        "gentle; golden; honest; easy; tender; lucky; crooked; patient",
        "You feel like home; Say my name; Stay a little longer; Hold me like you mean it; All I need is you; Never let me go; Love me slow",
        "your love; your hands; your name; the two of us; your smile",
    ),
    Theme(
        "heartbreak",
        "heartbreak breakup goodbye ex lost miss missing tears cry crying sad leave leaving alone betrayal regret divorce hurt pain broken grief loss",
        "phone: rings sleeps; bed: remembers waits; rain: falls answers; coffee: cools waits; house: echoes settles; letters+: yellow gather; "
        "mirror: lies remembers; door: closes waits; your chair: waits stays; memories+: burn return; song: skips ends; garden: withers sleeps",
        "on the bathroom floor; in an empty bed; down the stairs; by the front door; in the back of my mind; inside my chest; in the dead of night; "
        "without a sound; on your side of the bed; in the falling rain; like an open wound; where you used to be; on the windowsill; after you; "
        "in a cardboard box; at the end of the line",
        "key; photograph; old guitar; jacket; coffee cup; side of the bed; goodbye; apology",
        "hollow; bitter; faded; silent; broken; heavy; cold; half-forgotten",
        "You were never mine; Don't call me now; I let you go; After the rain; What we left behind; Still not over you; Say it to my face",
        "the silence; your goodbye; the empty room; the things you said; the ache",
    ),
    Theme(
        "sea",
        "sea ocean beach summer wave waves sand island sun sunshine holiday surf sailing boat harbour harbor coast swim tropical shore sailor ship",
        "tide: turns pulls sings; waves+: roll answer; seagulls+: circle cry; sun: sinks burns; harbour: wakes sleeps; lighthouse: blinks waits; boat: rocks drifts; "
        "salt wind: sings rises; horizon: shines waits; sand: shifts burns; palm trees+: sway bend",
        "on the shore; over the bay; along the pier; in the summer heat; beneath the waves; out at sea; on the rocks below; in the morning sun; by the harbour wall; "
        "on my bare feet; where the river ends; in the deep blue; under an August sky; on the tide; past the breakwater; in the sand",
        "anchor; old map; bottle; sunburn; seashell; paper boat; compass; wooden oar",
        "salty; golden; endless; barefoot; windblown; drifting; sunlit; turquoise",
        "Carry me out to sea; Waiting for the tide; Summer never ends; Bring me back to shore; Salt on my skin; Follow the coastline; We belong to the water",
        "the water; the summer; the tide; the horizon; the deep",
    ),
    Theme(
        "road",
        "road drive driving car highway travel journey freedom free run running escape train truck wander wanderer adventure motorcycle ride miles motel desert leaving town",
        "engine: hums roars; highway: bends calls; radio: crackles sings; miles+: vanish blur; dust: rises settles; gas station: glows waits; wheels+: spin sing; "
        "mountains+: rise wait; desert: burns dreams; white lines+: run blur; road: winds opens",
        "on the open road; down the interstate; in the rear-view mirror; out of town; under desert stars; over the hill; on the county line; toward the sun; "
        "in a borrowed car; past the motel sign; through the dust; on the dashboard; till the gas runs out; into the west; where the blacktop ends; in the passing lane",
        "suitcase; road map; postcard; guitar case; full tank; denim jacket; rear-view mirror; dollar bill",
        "dusty; open; endless; reckless; rusty; borrowed; faded; wild",
        "Drive until the morning; Nothing left to lose; Take the long way home; One more mile; Run with me; Out on the open road; Never looking back",
        "the highway; the distance; the open road; the wide blue sky; freedom",
    ),
    Theme(
        "party",
        "party dance dancing club disco friday saturday weekend dj celebrate celebration fun floor drinks fiesta birthday happy joy groove funk energy",
        "bass: drops shakes; lights+: spin flash; crowd: moves roars; floor: shakes shines; speakers+: pound glow; mirror ball: turns spins; "
        "drummer: grins counts; whole room: jumps sways; beat: climbs hits; strangers+: sing move; night: opens starts",
        "on the floor; in the crowd; till the break of day; under the strobe light; all around the room; in the heat; by the DJ booth; up on the roof; "
        "in our party shoes; like it's '99; from wall to wall; at the front of the line; to the drum; in the smoke and sound; with our hands up high; out on the town",
        "leather shoes; last dance; silver dress; drink; red lipstick; song; dancing shoes; weekend",
        "shiny; reckless; glittered; hungry; dizzy; lucky; wild; sugar-sweet",
        "Turn it up again; Dance until we drop; Move with me; Nobody's going home; Give me one more song; Hands in the air; Shake it off your shoulders",
        "the beat; the music; the weekend; the rhythm; the bass line",
    ),
    Theme(
        "nature",
        "forest tree trees rain river mountain spring autumn winter snow garden flower flowers bird birds leaf leaves season storm wind earth field meadow sky nature",
        "river: runs bends sings; rain: falls whispers; willow: leans weeps; crows+: gather circle; wind: turns rises; snow: falls waits; leaves+: turn fall; "
        "fox: listens waits; thunder: rolls answers; orchard: sleeps wakes; meadow: wakes sighs; first frost: shines comes",
        "over the hill; beside the mill; beneath the snow; through the trees; in the tall grass; under the ice; along the river bed; in the morning mist; "
        "on the mountain side; by the garden gate; where the wild things grow; in the fading light; at the water's edge; after the storm; through the pines; "
        "below the ridge",
        "seed; feather; basket; walking stick; wool coat; wildflower; wooden flute; stone",
        "silver; ancient; tender; wild; golden; frozen; quiet; evergreen",
        "Let the river run; Wait for the spring; After the rain; Where the wild birds go; Down in the valley; Winter won't last; Grow with me",
        "the river; the winter; the springtime; the mountain; the rain",
    ),
    Theme(
        "home",
        "home family mother father mama papa mom dad child childhood kid kids brother sister grandmother grandfather baby memory memories nostalgia village hometown house "
        "friend friends friendship school old dog cat grandma grandpa daughter son lullaby",
        "porch light: burns waits; kettle: sings cools; floorboards+: creak remember; my mother: hums waves; old dog: dreams waits; swing: creaks sways; "
        "church bell: rings sings; attic: sleeps keeps; apple tree: blooms leans; neighbours+: wave talk; kitchen: glows hums; clock: chimes stops",
        "by the kitchen door; on the old front porch; at the top of the stairs; in a picture frame; in the house where I grew; under the apple tree; "
        "on a Sunday afternoon; around the table; in my father's shoes; at the end of the lane; in the hand-me-down chair; on the garden wall; when the day is through; "
        "in the evening sun; beneath the roof; down by the school",
        "photograph; wooden toy; recipe; patchwork quilt; pocket knife; birthday card; Sunday dress; front-door key",
        "old; familiar; faithful; little; simple; patient; weathered; warm",
        "Take me home; Keep the porch light burning; Back where I belong; The house that built me up; Remember me this way; Always a room for you; Home is where you are",
        "the old house; the porch light; my mother's voice; the way we were; home",
    ),
    Theme(
        "rise",
        "hope dream dreams rise fight strong strength power win winner victory believe courage hero war battle survive struggle freedom overcome fire anthem brave change "
        "future light world stand motivation champion gym hustle",
        "fire: climbs burns; drums+: roll answer; crowd: rises roars; banners+: fly rise; walls+: fall shake; ground: shakes trembles; sun: rises returns; chains+: break fall; "
        "mountain: moves waits; thunder: answers rolls; voices+: rise gather",
        "in my veins; on the wire; through the smoke; in the fire; above the noise; at the gate; from the ashes; over every wall; on the front line; against the grain; "
        "in the eye of the storm; up from the ground; in my bones; before the bell; out of the dark; for all to see",
        "scar; torch; flag; fear; crown; dream; promise; battle drum",
        "burning; fearless; broken; stubborn; mighty; golden; hungry; unafraid",
        "We will rise again; Never going down; Stand up with me; Light the fire; Born to break the chains; Hold the line; Louder than the thunder",
        "the fire; the fight; the fear; the thunder; tomorrow",
    ),
    Theme(
        "stars",
        "star stars space galaxy universe moon planet rocket heaven angel sky cosmic alien astronaut robot future dream dreaming fly flying wings magic faith god prayer soul "
        "spirit dreamer cloud clouds",
        "stars+: burn listen; comet: falls sings; satellite: blinks drifts; moon: listens pulls; planets+: turn wait; signal: fades returns; angels+: whisper wait; "
        "gravity: pulls sleeps; rocket: climbs burns; clouds+: part glow; telescope: waits turns",
        "in the Milky Way; over my head; beyond the blue; on the edge of space; in the afterglow; above the clouds; a million miles away; in the dark between; through the atmosphere; "
        "outside of time; on a silver string; around the sun; where the gravity ends; in the heaven's light; past the moon; in slow motion",
        "wish; telescope; silver wing; space suit; star map; prayer; signal; halo",
        "weightless; distant; silver; holy; cosmic; floating; infinite; luminous",
        "Light years from home; Falling through the sky; Meet me on the moon; Written in the stars; Gravity let go; Higher than heaven; Lost in your orbit",
        "the stars; gravity; the moonlight; the heavens; the sky",
    ),
)  # fmt: skip
