// One sound at a time: the player, a mixer, or a sound or film that stands in the page.
import { command, onPlayer } from "studio/bus";

const media = () => document.querySelectorAll("#main :is(audio, video)");

/** Says that `by` begins to play: everything else falls silent. Others hear studio:sound. */
export function beginAlone(by) {
  command("pause");
  for (const one of media()) if (one !== by) one.pause();
  document.dispatchEvent(new CustomEvent("studio:sound", { detail: { by } }));
}

// play does not bubble, but it can be captured.
document.addEventListener("play", ({ target }) => target.closest?.("#main") && beginAlone(target), true);

onPlayer(({ isPlaying }) => {
  if (isPlaying) for (const one of media()) one.pause();
});
