// Moments of a clip as people write them: "1:23.4".

/** Seconds, or null for what is no moment. */
export function secondsOf(text) {
  const found = /^(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,6})?)$/.exec(text.trim());
  if (!found) return null;
  const [, hours = 0, minutes = 0, seconds] = found;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(",", "."));
}

/** 83.4 -> "1:23.4" */
export function momentOf(seconds) {
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}
