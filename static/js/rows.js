// Play buttons anywhere on a page: what they carry, and how they show what the player does.
import { heard, matches, onClick, onContent, onPlayer, command, toast } from "studio/bus";

const PLAY = "[data-play][data-clip]";

export function itemOf(button) {
  const { clip, src, title, artist, cover, duration, peaks, href } = button.dataset;
  return { clip, src, title: title || "Untitled", artist, cover, duration_s: Number(duration) || 0, peaks, href };
}

/** The clips of the list that a button stands in, each once; the button's own clip if it stands alone. */
function playlistOf(button) {
  const list = button.closest("[data-playlist]");
  const buttons = list ? [...list.querySelectorAll(PLAY)] : [button];
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
