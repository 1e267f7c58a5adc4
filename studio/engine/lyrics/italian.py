"""Italian: soft c and g, gli, gn, voiced s, and the words stressed before the last syllable but one."""

import re

from studio.engine.lyrics.latin_stress import glide_falling, glide_rising, put_stress
from studio.engine.lyrics.spanish import transcribe

WEAK = frozenset(
    "il lo la i gli le l un uno una e o a di da in con su per tra fra del della dei nel nella al alla ai che mi ti ci vi si ne se ma".split()
)
_EARLY = frozenset(
    """anima attimo ultimo ultima musica lacrima lacrime angelo angeli favola isola stupido stupida unico unica magico magica subito sabato
    domenica povero povera libero libera liberi albero alberi numero lettera lettere camera piccolo piccola secolo popolo tavola nuvola nuvole
    giovane giovani ordine immagine immagini origine vivere credere perdere prendere ridere piangere correre essere scrivere leggere nascere
    crescere chiedere rispondere rompere mettere smettere vincere scendere accendere spegnere sorridere dividere uccidere nascondere conoscere fragile
    facile difficile simile inutile debole semplice celebre polvere cenere tenero tenera ruvido timido limpido limpida rapido rapida mangiano
    parlano amano cantano ballano guardano aspettano passano tornano restano cercano volano tremano abitano dicono vivono corrono vedono sentono
    prendono piangono ridono credono possono vogliono tengono vengono muoiono dormono partono fuggono splendono brillano cadono arrivano portano
    lasciano pensano sognano logica tecnica fisica pratica repubblica america africa compito zucchero dollaro tessera maschera opera epoca pagina
    fiaba aquila candida brivido brividi battito battiti palpito gemito limite limiti spirito spiriti silenziosissimo capita capito carico
    medico ottimo massimo minimo prossimo prossima intimo intima umile nobile mobile immobile terribile impossibile possibile incredibile
    invisibile telefono zingaro oceano fulmine vertigine esercito visita abito aquilone_""".split()
)
_HIATUS = frozenset(
    """allegria poesia malinconia fantasia follia compagnia bugia magia energia nostalgia farmacia melodia armonia via mia mie zia zio dio mio
    tuo tua suo sua tue sue due sinfonia bugie agonia ironia gelosia pazzia simpatia utopia galleria batteria paura paure""".split()
)
_RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"gli(?=[aeo])", "ʎ"), (r"gli", "ʎi"), (r"gn", "ɲ"), (r"sci(?=[aoueàòù])", "ʃ"), (r"sc(?=[eièéì])", "ʃ"), (r"sch", "sk"), (r"cch", "k"),
        (r"ggh", "ɡ"), (r"ch", "k"), (r"gh", "ɡ"), (r"cqu|qu", "kw"), (r"cci(?=[aoueàòù])|ci(?=[aoueàòù])", "ʧ"), (r"ggi(?=[aoueàòù])|gi(?=[aoueàòù])", "ʤ"),
        (r"cc?(?=[eièéì])", "ʧ"), (r"gg?(?=[eièéì])", "ʤ"), (r"cc?", "k"), (r"gu(?=[aeio])", "ɡw"), (r"gg?", "ɡ"), (r"zz?", "ʦ"),
        (r"(?<=[aeiouàèéìòù])s(?=[aeiouàèéìòù])", "z"), (r"s(?=[bdgmnlrv])", "z"), (r"ss?", "s"), (r"h", ""), (r"j|y", "j"), (r"w", "w"), (r"x", "ks"),
        (r"rr", "r"), (r"^r", "r"), (r"r", "ɾ"), (r"à|á", "ˈa"), (r"è", "ˈɛ"), (r"é", "ˈe"), (r"ì|í", "ˈi"), (r"ò|ó", "ˈɔ"), (r"ù|ú", "ˈu"),
        (r"([bdfklmnptv])\1?", r"\1"), (r"([aeiou])", r"\1"), (r".", ""),
    )
]  # fmt: skip


def pronounce(word: str) -> str:
    """Phones of a lower-case Italian word; an elided article sounds with the word it leans on."""
    if "'" in word.strip("'"):
        left, _, right = word.strip("'").rpartition("'")
        return transcribe(left.replace("'", ""), _RULES) + pronounce(right)
    plain = word.replace("'", "")
    found = transcribe(plain, _RULES)
    if plain in _HIATUS:
        # The i or u before the last vowel is the stressed one: mi-o, po-e-si-a; ʧ and ʤ get their i back.
        last = re.sub(r"(?<=[ʧʤ])(?=[aeo]$)", "i", found)
        return put_stress(last, 2)
    found = re.sub(r"i(?=ˈu)", "j", glide_falling(glide_rising(found)))
    if plain == "ciao":
        return "ʧˈaw"
    if plain in WEAK:
        return found.replace("ˈ", "")
    early = plain in _EARLY or re.search(
        r"(?:issim[oaie]|[aei]bil[ei]|evol[ei]|[^aeiou]ic[oa]|ologo|[aeiou][^aeiou]+i?[aei]mi|[aei]vano|[mtc]el[oaie])$",
        plain,
    )
    count = (
        3 if early and not plain.endswith(("amico", "amica", "antico", "antica", "nemico", "fatica")) else 2
    )
    return put_stress(found, count)
