// How the parts talk: events on document, never references to each other.

/** Runs visit(root) for the page as it is, and again for whatever htmx brings in later. */
export function onContent(visit) {
  visit(document);
  document.addEventListener("htmx:after:process", (event) => visit(event.target));
}

/** Every match inside root, root itself included. */
export function matches(root, selector) {
  const inside = [...root.querySelectorAll(selector)];
  return root.matches?.(selector) ? [root, ...inside] : inside;
}

export function onClick(selector, act) {
  document.addEventListener("click", (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  });
}

/** kind: ok, info, work or err */
export function toast(text, kind = "info") {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind } }));
}

/** What the player last said. Elements that arrive later start from it. now() is the position at this very moment. */
export const heard = { clip: null, isPlaying: false, position_s: 0, duration_s: 0, now: () => 0 };

export function announce(state) {
  Object.assign(heard, state);
  document.dispatchEvent(new CustomEvent("studio:player", { detail: { ...heard } }));
}

export function onPlayer(hear, signal) {
  hear(heard);
  document.addEventListener("studio:player", (event) => hear(event.detail), { signal });
}

/** Asks the player for something: toggle, play, seek, skip, next, previous, enqueue, volume, mute, queue. */
export function command(name, detail = {}) {
  document.dispatchEvent(new CustomEvent("studio:command", { detail: { name, ...detail } }));
}

/** 75.4 -> "1:15" */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}
