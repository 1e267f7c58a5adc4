// Where the panel's sources come from: clips dragged from a list, and the picker. The server draws what was taken.
import { onClick } from "studio/bus";

const PANEL = "#create-panel";
const CLIP = "application/x-ostinato-clip";

const panel = () => document.querySelector(PANEL);
const stripFor = (field) => panel()?.querySelector(`[data-source="${CSS.escape(field)}"]`);

/** Puts a clip's code into a source field and lets the server draw the panel with it. */
function take(strip, code) {
  const button = strip.querySelector("[data-take]");
  button.name = strip.dataset.source;
  button.value = code;
  button.click();
}

/** A clip for a panel that has no place for one: the server knows what to offer. */
function openWith(code) {
  window.htmx.ajax("GET", `${panel().dataset.opensWith}?clip=${encodeURIComponent(code)}`, { target: PANEL, swap: "outerHTML" });
}

// --- dragging --------------------------------------------------------------------------------

document.addEventListener("dragstart", (event) => {
  const row = event.target.closest?.(".clip-row[data-clip][draggable]");
  if (!row || !event.dataTransfer) return;
  event.dataTransfer.setData(CLIP, row.dataset.clip);
  event.dataTransfer.effectAllowed = "copyLink";
  document.documentElement.setAttribute("data-dragging-clip", "");
});

const endDrag = () => {
  document.documentElement.removeAttribute("data-dragging-clip");
  document.querySelectorAll("[data-drop-here]").forEach((one) => one.removeAttribute("data-drop-here"));
};
document.addEventListener("dragend", endDrag);

const isClip = (event) => event.dataTransfer?.types.includes(CLIP) && event.target.closest?.(PANEL);

/** The strip below the pointer, else the first that is empty, else the first. */
function stripAt(target) {
  const all = [...panel().querySelectorAll("[data-source]")];
  return target.closest("[data-source]") ?? all.find((one) => !one.dataset.clip) ?? all[0];
}

document.addEventListener("dragover", (event) => {
  if (!isClip(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  const strip = stripAt(event.target) ?? panel();
  if (strip.hasAttribute("data-drop-here")) return;
  document.querySelectorAll("[data-drop-here]").forEach((one) => one.removeAttribute("data-drop-here"));
  strip.setAttribute("data-drop-here", "");
});

document.addEventListener("drop", (event) => {
  if (!isClip(event)) return;
  event.preventDefault();
  const code = event.dataTransfer.getData(CLIP);
  const strip = stripAt(event.target);
  endDrag();
  if (strip) take(strip, code);
  else openWith(code);
});

// --- the picker ------------------------------------------------------------------------------

function use(picker) {
  const chosen = picker.querySelector("input[type=radio]:checked:not(:disabled)");
  const strip = stripFor(picker.dataset.picker);
  if (chosen && strip) take(strip, chosen.value);
  else picker.querySelector("input[type=radio]:not(:disabled)")?.focus();
}

function close(picker) {
  const field = picker.dataset.picker;
  picker.parentElement.replaceChildren();
  document.getElementById(`id_${field}`)?.focus();
}

// The list and its buttons, not under the foot of the panel.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  ctx?.target?.querySelector?.(":scope > [data-picker]")?.scrollIntoView({ block: "nearest" });
});
onClick("[data-picker-use]", (button) => use(button.closest("[data-picker]")));
onClick("[data-picker-close]", (button) => close(button.closest("[data-picker]")));
document.addEventListener("dblclick", ({ target }) => {
  const pick = target.closest?.("[data-picker] .pick");
  if (pick) use(pick.closest("[data-picker]"));
});
document.addEventListener("keydown", (event) => {
  const picker = event.target.closest?.("[data-picker]");
  if (!picker || (event.key !== "Enter" && event.key !== "Escape") || event.target.matches("button")) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Escape") close(picker);
  else if (event.target.matches("[type=radio]")) use(picker);
  else picker.querySelector("input[type=radio]:not(:disabled)")?.focus();
}, true);
