// Play buttons anywhere on a page: what they carry, and how they show what the player does.
import { heard, matches, onClick, onContent, onPlayer, command, toast } from "studio/bus";

const PLAY = "[data-play][data-clip]";
// What can be heard of a clip in the making has the clip's name behind this.
const AHEAD = "ahead-";

export function itemOf(button) {
  const { clip, src, title, artist, cover, duration, peaks, href } = button.dataset;
  return { clip, src, title: title || "Untitled", artist, cover, duration_s: Number(duration) || 0, peaks, href };
}

const isAhead = (button) => button.dataset.clip.startsWith(AHEAD);

/** The clips of the list that a button stands in, each once; the button's own clip if it stands alone. */
function playlistOf(button) {
  const list = button.closest("[data-playlist]");
  if (!list || isAhead(button)) return [itemOf(button)];
  const buttons = [...list.querySelectorAll(PLAY)].filter((one) => !isAhead(one));
  const items = new Map(buttons.map((one) => [one.dataset.clip, itemOf(one)]));
  return [...items.values()];
}

export function buttonFor(clip) {
  return document.querySelector(`[data-play][data-clip="${CSS.escape(clip)}"]`);
}

export function playClip(clip, position_s) {
  const button = buttonFor(clip);
  if (!button) return;
  if (heard.clip?.clip === clip) command("seek", { position_s, andPlay: true });
  else command("play", { items: playlistOf(button), clip, position_s });
}

export function enqueue(clip, where) {
  const button = buttonFor(clip);
  if (!button) return;
  command("enqueue", { item: itemOf(button), where });
  toast(where === "next" ? `${button.dataset.title} plays next.` : `${button.dataset.title} is in the queue.`, "ok");
}

onClick(PLAY, (button) => {
  if (heard.clip?.clip === button.dataset.clip) command("toggle");
  else command("play", { items: playlistOf(button), clip: button.dataset.clip });
});

// Heard to the end of what is done: on with the finished clip, if it is here by now.
document.addEventListener("studio:ended", ({ detail: { clip, position_s } }) => {
  if (!clip.startsWith(AHEAD)) return;
  const whole = clip.slice(AHEAD.length);
  if (buttonFor(whole)) playClip(whole, position_s);
  else toast("That is all of it so far. The whole take is on its way.", "work");
});

onClick("[data-enqueue][data-clip]", (button) => enqueue(button.dataset.clip, button.dataset.enqueue || "end"));

function show(root) {
  for (const button of matches(root, PLAY)) {
    const isCurrent = heard.clip?.clip === button.dataset.clip;
    button.setAttribute("aria-pressed", String(isCurrent && heard.isPlaying));
    button.closest(".clip-row")?.toggleAttribute("data-playing", isCurrent);
    if (isCurrent) button.closest(".clip-row")?.setAttribute("data-playing", heard.isPlaying ? "true" : "paused");
  }
}

let shown = "";
onPlayer(({ clip, isPlaying }) => {
  const now = `${clip?.clip} ${isPlaying}`;
  if (now === shown) return;
  shown = now;
  show(document);
});
onContent(show);
// A morph takes away the attributes the server did not send.
document.addEventListener("htmx:after:swap", () => show(document));
