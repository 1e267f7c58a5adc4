// What a mixer shows of its time and level, and the keys of its seek slider.
import { clock } from "studio/bus";

const STEP_S = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -10, PageUp: 10 };

export function showPosition(seek, output, position_s, duration_s) {
  seek.value = position_s;
  seek.style.setProperty("--share", `${duration_s ? (position_s / duration_s) * 100 : 0}%`);
  const words = `${clock(position_s)} of ${clock(duration_s)}`;
  if (seek.getAttribute("aria-valuetext") !== words) seek.setAttribute("aria-valuetext", words);
  output.textContent = clock(position_s);
}

export function showPeak(element, peak_db) {
  element.textContent = `${Number.isFinite(peak_db) ? peak_db.toFixed(1) : "−∞"} dB`;
  element.classList.toggle("err-text", peak_db > 0);
}

/** Where a key on the slider leads, in seconds; null when it means nothing there. Takes the event if it does. */
export function seekByKey(event, position_s, duration_s) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const to_s = { Home: 0, End: duration_s }[event.key] ?? position_s + (STEP_S[event.key] ?? NaN);
  if (Number.isNaN(to_s)) return null;
  event.preventDefault();
  event.stopPropagation();
  return to_s;
}
