// What a piano roll looks like: pitch lanes, bars and beats (or seconds), and the notes, on one canvas.
import { clock } from "studio/bus";

const FONT = "11px ui-monospace, monospace";
const LABEL_PX = 14;
const HEAD_PX = 18; // the strip with bar numbers or times
const LEAST_LABEL_PX = 36;
const LEAST_BEAT_PX = 7;
const LEAST_NOTE_PX = 2;
const BEATS_IN_BAR = 4;
const BLACK_KEYS = new Set([1, 3, 6, 8, 10]);
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300];

/** The lowest and highest pitch to make room for: whole octaves around the notes. */
export function pitchRange(instruments) {
  let low = 127;
  let high = 0;
  for (const { notes } of instruments) {
    for (const [, , pitch] of notes) {
      low = Math.min(low, pitch);
      high = Math.max(high, pitch);
    }
  }
  return low > high ? [48, 72] : [Math.max(0, low - 2), Math.min(127, high + 2)];
}

/** view: { width, height, left_s, px_per_s, low, high, bpm }, colours: { line, strong, text, black } */
export function drawRoll(pen, view, colours, instruments) {
  pen.clearRect(0, 0, view.width, view.height);
  drawPitches(pen, view, colours);
  drawTimes(pen, view, colours);
  for (const { notes, colour } of instruments) drawNotes(pen, view, notes, colour);
  pen.globalAlpha = 1;
  drawOctaves(pen, view, colours);
}

const rowOf = ({ height, low, high }) => (height - HEAD_PX) / (high - low + 1);
const topOf = (view, pitch) => HEAD_PX + (view.high - pitch) * rowOf(view);

function drawPitches(pen, view, colours) {
  const row = rowOf(view);
  for (let pitch = view.low; pitch <= view.high; pitch += 1) {
    const top = topOf(view, pitch);
    if (BLACK_KEYS.has(pitch % 12)) {
      pen.fillStyle = colours.black;
      pen.fillRect(0, top, view.width, row);
    }
    if (pitch % 12) continue;
    pen.fillStyle = colours.line;
    pen.fillRect(0, Math.round(top + row), view.width, 1);
  }
}

// Over the notes, each on a piece of ground of its own.
function drawOctaves(pen, view, colours) {
  const row = rowOf(view);
  pen.font = FONT;
  pen.textBaseline = "middle";
  for (let pitch = Math.ceil(view.low / 12) * 12; pitch <= view.high; pitch += 12) {
    const middle = topOf(view, pitch) + row / 2;
    if (middle < HEAD_PX + LABEL_PX / 2 || middle > view.height - LABEL_PX / 2) continue;
    pen.fillStyle = colours.black;
    pen.fillRect(0, middle - LABEL_PX / 2, 24, LABEL_PX);
    pen.fillStyle = colours.text;
    pen.fillText(`C${pitch / 12 - 1}`, 4, middle);
  }
}

function drawTimes(pen, view, colours) {
  const { bpm, px_per_s } = view;
  if (!bpm) {
    const step_s = SECONDS.find((seconds) => seconds * px_per_s >= LEAST_LABEL_PX * 1.5) ?? SECONDS.at(-1);
    return drawGrid(pen, view, step_s, colours.line, { colour: colours.text, name: (number) => clock(number * step_s) });
  }
  const beat_s = 60 / bpm;
  if (beat_s * px_per_s >= LEAST_BEAT_PX) drawGrid(pen, view, beat_s, colours.line);
  let bars = 1;
  while (bars * BEATS_IN_BAR * beat_s * px_per_s < LEAST_LABEL_PX) bars *= 2;
  const names = { colour: colours.text, name: (number) => String(number * bars + 1) };
  return drawGrid(pen, view, bars * BEATS_IN_BAR * beat_s, colours.strong, names);
}

function drawGrid(pen, { width, height, left_s, px_per_s }, step_s, colour, names = null) {
  const last = Math.floor((left_s + width / px_per_s) / step_s);
  pen.font = FONT;
  pen.textBaseline = "top";
  for (let number = Math.max(0, Math.floor(left_s / step_s)); number <= last; number += 1) {
    const x = Math.round((number * step_s - left_s) * px_per_s);
    pen.fillStyle = colour;
    pen.fillRect(x, names ? 0 : HEAD_PX, 1, height);
    if (!names) continue;
    pen.fillStyle = names.colour;
    pen.fillText(names.name(number), x + 4, 4);
  }
}

function drawNotes(pen, view, notes, colour) {
  const { left_s, px_per_s, width } = view;
  const right_s = left_s + width / px_per_s;
  const tall = Math.max(2, rowOf(view) - 1);
  pen.fillStyle = colour;
  for (const [start_s, end_s, pitch, velocity] of notes) {
    if (end_s < left_s || start_s > right_s) continue;
    pen.globalAlpha = 0.45 + 0.55 * (velocity / 127);
    const x = (start_s - left_s) * px_per_s;
    pen.fillRect(x, topOf(view, pitch), Math.max(LEAST_NOTE_PX, (end_s - start_s) * px_per_s - 1), tall);
  }
}
