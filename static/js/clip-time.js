// Where a clip is, frame by frame: in the player or, while its stems play, in the mixer.
import { onPlayer } from "studio/bus";
import { playClip } from "studio/rows";

/** Calls hear({ position_s, isPlaying, isHere }) at once, on every change, and each frame while it plays. */
export function followClip(clip, hear, signal) {
  const nowhere = { isPlaying: false, now: () => 0, isHere: false };
  let at = nowhere;
  let player_s = 0;
  let frame = 0;

  const tell = () => {
    cancelAnimationFrame(frame);
    hear({ position_s: at.now(), isPlaying: at.isPlaying, isHere: at.isHere });
    if (at.isPlaying && !signal.aborted) frame = requestAnimationFrame(tell);
  };

  onPlayer((state) => {
    if (state.clip?.clip !== clip) {
      if (at.isMixer) return;
      at = nowhere;
      return tell();
    }
    // The player speaks ten times a second of what everybody knows; over a mixer only news counts.
    const isNews = state.isPlaying || state.position_s !== player_s;
    player_s = state.position_s;
    if (at.isMixer && !isNews) return;
    at = { isPlaying: state.isPlaying, now: state.now, isHere: true };
    tell();
  }, signal);

  document.addEventListener("studio:mixer", ({ detail }) => {
    if (detail.clip !== clip) return;
    at = { isPlaying: detail.isPlaying, now: detail.now, isHere: true, isMixer: true };
    tell();
  }, { signal });

  signal.addEventListener("abort", () => cancelAnimationFrame(frame));
}

/** Seeks in whichever of the two plays the clip; the player starts when neither does. */
export function seekClip(clip, position_s) {
  const asked = new CustomEvent("studio:mixer-seek", { detail: { clip, position_s }, cancelable: true });
  // A mixer that plays takes the event for itself.
  if (document.dispatchEvent(asked)) playClip(clip, position_s);
}
