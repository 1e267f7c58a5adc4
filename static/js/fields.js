// Small helps for writing: counters, growing text areas, sliders, chips that insert, remembered folds.
import { matches, onClick, onContent } from "studio/bus";
import { keep, recall } from "studio/memory";

const NEAR = 0.9;
const spaced = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

function count(counter) {
  const field = document.getElementById(counter.dataset.countFor);
  const limit = Number(counter.dataset.limit);
  if (!field || !limit) return;
  // Characters as people count them: an emoji is one, and so it is for the limits.
  const length = [...field.value].length;
  counter.textContent = `${spaced(length)} / ${spaced(limit)}`;
  counter.dataset.level = length > limit ? "over" : length >= limit * NEAR ? "near" : "";
}

function grow(field) {
  if (CSS.supports("field-sizing", "content")) return field.classList.add("grows");
  field.style.setProperty("height", "auto");
  field.style.setProperty("height", `${field.scrollHeight + 2}px`);
}

function showSlider(slider) {
  const share = (slider.value - slider.min) / (slider.max - slider.min || 1);
  slider.style.setProperty("--share", `${share * 100}%`);
  for (const bubble of slider.id ? document.querySelectorAll(`output[for~="${CSS.escape(slider.id)}"]`) : []) bubble.textContent = slider.value;
}

function refresh(root) {
  matches(root, "output[data-count-for]").forEach(count);
  matches(root, "textarea[data-autogrow]").forEach(grow);
  matches(root, "input.slider:not([data-player])").forEach(showSlider);
}

onContent((root) => {
  refresh(root);
  for (const fold of matches(root, "details[data-remember]")) {
    if (recall(`fold.${fold.dataset.remember}`)) fold.open = true;
  }
});
document.addEventListener("htmx:after:swap", () => refresh(document));
document.addEventListener("reset", (event) => setTimeout(() => refresh(event.target)));

document.addEventListener("input", ({ target }) => {
  if (target.id) document.querySelectorAll(`output[data-count-for="${CSS.escape(target.id)}"]`).forEach(count);
  if (target.matches("textarea[data-autogrow]")) grow(target);
  if (target.matches("input.slider:not([data-player])")) showSlider(target);
});

document.addEventListener("dblclick", ({ target }) => {
  if (!target.matches?.("input.slider[data-default]")) return;
  target.value = target.dataset.default;
  for (const name of ["input", "change"]) target.dispatchEvent(new Event(name, { bubbles: true }));
});

document.addEventListener("toggle", ({ target, newState }) => {
  if (target.matches?.("details[data-remember]")) keep(`fold.${target.dataset.remember}`, newState === "open");
}, true);

/** Words join a comma-separated list; lines (a section mark) go in at the caret, on a line of their own. */
function insert(field, text) {
  const isLine = text.endsWith("\n");
  if (!isLine) {
    const words = field.value.split(",").map((word) => word.trim()).filter(Boolean);
    if (!words.includes(text)) field.value = [...words, text].join(", ");
  } else {
    const at = document.activeElement === field || field.selectionStart ? field.selectionStart : field.value.length;
    const lead = at && field.value[at - 1] !== "\n" ? "\n\n" : "";
    field.setRangeText(lead + text, at, at, "end");
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

onClick("[data-insert][data-insert-into]", (chip) => {
  const field = document.getElementById(chip.dataset.insertInto);
  if (field) insert(field, chip.dataset.insert);
});
