// Peaks as bar heights. Files are immutable, so one download per page visit and address is enough.

const FULL = 127; // peaks are signed bytes
const loaded = new Map();

/** Heights 0..1, one for each bucket of the file at url. */
export function loadPeaks(url) {
  if (!loaded.has(url)) {
    const loading = fetch(url, { credentials: "same-origin" }).then(async (answer) => {
      if (!answer.ok) throw new Error(`peaks: ${answer.status}`);
      return heightsOf((await answer.json()).pairs);
    });
    loading.catch(() => loaded.delete(url));
    loaded.set(url, loading);
  }
  return loaded.get(url);
}

/** pairs: min, max, min, max … in -128..127 */
function heightsOf(pairs) {
  return Float32Array.from({ length: pairs.length / 2 }, (_, i) =>
    Math.min(1, Math.max(Math.abs(pairs[2 * i]), Math.abs(pairs[2 * i + 1])) / FULL));
}

export function parseBars(text) {
  return Float32Array.from(text.split(","), (bar) => Math.min(1, Math.abs(Number(bar) || 0) / FULL));
}

/** As many heights as there are bars to draw: the loudest of each stretch, or the nearest when there are too few. */
export function resample(heights, count) {
  return Float32Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * heights.length) / count);
    const to = Math.max(from + 1, Math.floor(((i + 1) * heights.length) / count));
    return Math.max(...heights.subarray(from, to));
  });
}

export const BAR_PX = 2;
export const GAP_PX = 1;

/** Sizes the canvas to its host, sharp on any screen; the heights of as many bars as fit, null while it has no size. */
export function fitBars(canvas, { clientWidth: width, clientHeight: height }, heights) {
  if (!width || !height || !heights) return null;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").setTransform(scale, 0, 0, scale, 0, 0);
  return resample(heights, Math.max(1, Math.floor((width + GAP_PX) / (BAR_PX + GAP_PX))));
}
