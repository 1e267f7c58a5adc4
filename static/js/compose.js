// The create panel: limits that follow the model, sliders that can be left to the provider, fixes with one press.
import { matches, onClick, onContent } from "studio/bus";

const PANEL = "#create-panel";
const DEFAULT = "default";

const announce = (field, ...names) => names.forEach((name) => field.dispatchEvent(new Event(name, { bubbles: true })));
const modelOf = (form) => form.elements[form.dataset.modelField]?.value ?? "";

/** Counters and fields that belong to some models only, as the chosen one wants them. */
function followModel(form) {
  const model = modelOf(form);
  for (const counter of form.querySelectorAll("output[data-limits]")) {
    const limits = JSON.parse(counter.dataset.limits);
    const limit = String(limits[model] ?? limits[""]);
    if (counter.dataset.limit === limit) continue;
    counter.dataset.limit = limit;
    const field = document.getElementById(counter.dataset.countFor);
    if (field) announce(field, "input");
  }
  for (const block of form.querySelectorAll("[data-models]")) {
    block.hidden = !block.dataset.models.split(" ").includes(model);
  }
}

const boxOf = (slider) => document.getElementById(`${slider.id}_default`);

function showShare(slider) {
  const isDefault = boxOf(slider)?.checked;
  const shown = document.querySelector(`output[data-share-of="${CSS.escape(slider.id)}"]`);
  if (shown) shown.textContent = isDefault ? DEFAULT : slider.value;
  if (isDefault) slider.setAttribute("aria-valuetext", "provider's default");
  else slider.removeAttribute("aria-valuetext");
}

function setDefault(slider, isDefault) {
  const box = boxOf(slider);
  if (box) box.checked = isDefault;
  showShare(slider);
}

function showExamples(field) {
  const examples = document.querySelector(`[data-when-empty="${CSS.escape(field.id)}"]`);
  if (examples) examples.hidden = Boolean(field.value.trim());
}

/** What was wrong with a field is over as soon as it is changed; the server judges again when it is sent. */
function forgetError(field) {
  if (!field.id || !field.hasAttribute("aria-invalid")) return;
  field.removeAttribute("aria-invalid");
  document.querySelector(`[data-error-of="${CSS.escape(field.id)}"]`)?.remove();
}

document.addEventListener("input", ({ target }) => {
  if (!target.closest?.(PANEL)) return;
  if (target.matches("input[data-share]")) setDefault(target, false);
  if (target.matches("input[type=checkbox][id$=_default]")) showShare(document.getElementById(target.id.replace(/_default$/, "")));
  showExamples(target);
  forgetError(target);
});

document.addEventListener("change", ({ target }) => {
  if (target.form?.matches(PANEL) && target.name === target.form.dataset.modelField) followModel(target.form);
});

document.addEventListener("dblclick", ({ target }) => {
  if (!target.matches?.(`${PANEL} input[data-share]`)) return;
  setDefault(target, true);
  announce(boxOf(target), "input", "change");
});

function setField(form, name, value) {
  const found = form.elements[name];
  if (!found) return;
  if (found instanceof RadioNodeList) found.value = value;
  else if (found.type === "checkbox") found.checked = value === "True";
  else found.value = value;
  const field = found instanceof RadioNodeList ? found[0] : found;
  const fold = field.closest("details");
  if (fold) fold.open = true;
  announce(field, "input", "change");
}

onClick(`${PANEL} button[data-fix-field]`, (button, event) => {
  event.preventDefault();
  setField(button.form, button.dataset.fixField, button.dataset.fixValue);
});

// A link to the field that a problem is about puts the caret there, without a new entry in the history.
onClick(`${PANEL} .preflight a[href^="#"]`, (link, event) => {
  const field = document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest("details")?.setAttribute("open", "");
  field.focus();
});

onContent((root) => {
  for (const form of matches(root, PANEL)) {
    followModel(form);
    form.querySelectorAll("input[data-share]").forEach(showShare);
  }
});
