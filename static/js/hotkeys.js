// One table of keys. They rest while somebody types, a menu or dialog is open, or single keys are switched off.
import { command, heard } from "studio/bus";
import { keep, recall } from "studio/memory";
import { openCreate } from "studio/panes";
import { enqueue } from "studio/rows";

const G_WAITS_MS = 1200;
const PLACES = { c: "create", l: "library", t: "team", u: "usage", s: "settings" };
const TYPING = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]";
let gPressedAt = -Infinity;
let isOn = recall("hotkeys", true);

const skip = (by_s) => () => heard.clip && (command("skip", { by_s }), true);
// Whoever shows a range of what plays takes this, and says so.
const mark = (edge) => () => !document.dispatchEvent(new CustomEvent("studio:mark", { cancelable: true, detail: { edge } }));
const tell = (name, detail) => () => (command(name, detail), true);

const KEYS = {
  " ": () => heard.clip && (command("toggle"), true),
  "ArrowLeft": skip(-5), "ArrowRight": skip(5), "Shift+ArrowLeft": skip(-10), "Shift+ArrowRight": skip(10),
  "ArrowUp": () => stepRow(-1), "ArrowDown": () => stepRow(1),
  "Enter": () => row()?.querySelector("[data-play]")?.click() ?? Boolean(row()),
  "Shift+Enter": () => row() && (enqueue(row().dataset.clip, "end"), true),
  "[": tell("previous"), "]": tell("next"), "0": tell("mute"), "-": tell("louder", { steps: -1 }), "=": tell("louder", { steps: 1 }),
  "q": tell("queue"),
  "/": () => focusOn("[data-search-focus]") || visit("library"),
  "?": () => (document.getElementById("hotkeys").showModal(), true),
  "i": mark("start"), "o": mark("end"),
  "n": () => openCreate() || visit("create"),
  "r": () => press("[data-reuse]"), "d": () => press("[data-download]"),
  "g": () => (gPressedAt = performance.now()),
};

const row = () => document.activeElement?.closest(".clip-row");

function stepRow(by) {
  const rows = [...document.querySelectorAll("#main .clip-row")].filter((one) => one.offsetParent);
  if (!rows.length) return false;
  const at = rows.indexOf(row());
  const to = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  to.tabIndex = -1;
  to.focus();
  to.scrollIntoView({ block: "nearest" });
  return true;
}

/** The control of the focused row, else of the page, if there is just one. */
function press(selector) {
  const found = row()?.querySelector(selector) ?? (row() ? null : document.querySelector(`#main ${selector}`));
  found?.click();
  return Boolean(found);
}

function focusOn(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

function visit(place) {
  const link = document.querySelector(`.rail-nav .rail-link[href*="${place}"]`);
  link?.click();
  return Boolean(link);
}

function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.shiftKey && event.key.length > 1 ? `Shift+${key}` : key;
}

/** A key that the focused thing itself understands is left to it. */
function belongsElsewhere(event) {
  const { target, key } = event;
  if (target.matches?.(TYPING) || document.querySelector("dialog:modal, .menu:popover-open")) return true;
  const onControl = target.closest?.("button, a[href], summary, input, [role=slider], [role=separator]");
  if (!onControl) return false;
  const isRange = onControl.matches("input, [role=slider], [role=separator]");
  return key === " " || key === "Enter" || (isRange && (key.startsWith("Arrow") || key === "Home" || key === "End"));
}

document.addEventListener("keydown", (event) => {
  if (!isOn || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || belongsElsewhere(event)) return;
  const name = nameOf(event);
  const isAfterG = performance.now() - gPressedAt < G_WAITS_MS;
  gPressedAt = -Infinity;
  const did = isAfterG && PLACES[name] ? visit(PLACES[name]) : KEYS[name]?.();
  if (did) event.preventDefault();
});

const master = document.querySelector("[data-hotkeys-switch]");
if (master) {
  master.checked = isOn;
  master.addEventListener("change", () => keep("hotkeys", (isOn = master.checked)));
}
