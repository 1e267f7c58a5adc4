// The create panel: limits that follow the model, sliders that can be left to the provider, fixes with one press.
import { matches, onClick, onContent } from "studio/bus";
import { openCreate } from "studio/panes";
import "studio/lyrics-helper";
import "studio/range-picker";
import "studio/source-strip";

const PANEL = "#create-panel";
const isBeside = matchMedia("(min-width: 768px)"); // narrower, the panel is a page of its own
const PAGES = '#main:is([data-page="create"], [data-page="library"], [data-page="clip"])'; // as layout.css has them
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
  else if (found.type === "checkbox") found.checked = value;
  else found.value = value;
  const field = found instanceof RadioNodeList ? found[0] : found;
  const fold = field.closest("details");
  if (fold) fold.open = true;
  announce(field, "input", "change");
}

onClick(`${PANEL} button[data-fix]`, (button, event) => {
  event.preventDefault();
  const { form } = button; // gone with its button when the pre-flight is drawn again
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.fix))) setField(form, name, value);
});

// A link to the field that a problem is about puts the caret there, without a new entry in the history.
onClick(`${PANEL} .preflight a[href^="#"]`, (link, event) => {
  const field = document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest("details")?.setAttribute("open", "");
  field.focus();
});

// --- words and plans -----------------------------------------------------------------------

function countTicks(counter) {
  const ticked = document.querySelectorAll(`${PANEL} input[name="${CSS.escape(counter.dataset.tickedOf)}"]:checked`).length;
  counter.textContent = `${ticked} / ${counter.dataset.most}`;
  counter.dataset.level = ticked > Number(counter.dataset.most) ? "over" : "";
}

function totalPlan(plan) {
  const lengths = [...plan.querySelectorAll("[data-plan-rows] input[name$=__duration_s]")].map(({ value }) => Number(value.replace(",", ".")) || 0);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  plan.querySelector("[data-plan-total]").textContent = total ? `${total} s in all` : "";
}

onClick(`${PANEL} [data-plan-add]`, (button) => {
  const plan = button.closest("[data-plan]");
  const row = plan.querySelector("template").content.cloneNode(true).firstElementChild;
  plan.querySelector("[data-plan-rows]").append(row);
  row.querySelector("input, select").focus();
});

onClick(`${PANEL} [data-plan-remove]`, (button) => {
  const plan = button.closest("[data-plan]");
  button.closest("li").remove();
  plan.querySelector("[data-plan-add]").focus();
  announce(plan, "input", "change");
});

document.addEventListener("input", ({ target }) => {
  const plan = target.closest?.(`${PANEL} [data-plan]`);
  if (plan) totalPlan(plan);
  if (target.type === "checkbox") document.querySelectorAll(`${PANEL} [data-ticked-of="${CSS.escape(target.name)}"]`).forEach(countTicks);
});

// --- the words of a window -----------------------------------------------------------------

/** Somebody's own words stay; those that were put in by the last window, or none, give way. */
async function followWindow(field) {
  if (field.value.trim() && field.value !== (field.dataset.put ?? field.defaultValue)) return;
  const before = field.value;
  const edges = () => field.dataset.wordsFrom.split(" ").map((id) => document.getElementById(id)?.value ?? "");
  const [start, end] = edges();
  if (!start || !end) return;
  const answer = await fetch(`${field.dataset.words}?${new URLSearchParams({ start, end })}`, { credentials: "same-origin" });
  const words = answer.status === 200 ? await answer.text() : "";
  // Answers overtake each other, and somebody may have begun to write.
  const isOver = String(edges()) !== String([start, end]) || field === document.activeElement;
  if (!words || isOver || (field.value !== before && field.value !== field.dataset.put)) return;
  field.value = field.dataset.put = words;
  announce(field, "input");
}

document.addEventListener("change", ({ target }) => {
  if (!target.id || !target.matches("[data-moment]")) return;
  document.querySelectorAll(`${PANEL} [data-words-from~="${CSS.escape(target.id)}"]`).forEach(followWindow);
});

// --- coming and going ----------------------------------------------------------------------

// A new panel takes the focused control away; the one that stands for it now is where the keys go on.
let returnTo = "";
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const from = ctx.sourceElement;
  if (!ctx.target?.matches?.(PANEL)) return;
  const field = from.closest?.("[data-source]")?.dataset.source;
  returnTo = field ? `id_${field}` : from.id;
});

/** Where the panel stands beside the page, a link that fills it leaves the page alone. */
async function fillInPlace(link) {
  link.closest("[popover]")?.hidePopover();
  const { search } = new URL(link.href);
  const address = document.querySelector(PANEL).dataset.opensWith + search;
  await window.htmx.ajax("GET", address, { target: PANEL, swap: "outerHTML" });
  openCreate();
}

// Captured before htmx sees it.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(`a[hx-select-oob="${PANEL}"]`);
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || !isBeside.matches || !document.querySelector(PAGES) || !document.querySelector(PANEL)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  fillInPlace(link);
}, true);

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  // The link that asked for the panel may be gone with its page; what it asked for is still written here.
  if (ctx?.selectOOB?.includes(PANEL)) return openCreate();
  if (!ctx?.target?.matches?.(PANEL) || document.activeElement !== document.body) return;
  (document.getElementById(returnTo) ?? document.querySelector(`${PANEL} .op-button`))?.focus();
});

onContent((root) => {
  for (const form of matches(root, PANEL)) {
    followModel(form);
    form.querySelectorAll("input[data-share]").forEach(showShare);
    form.querySelectorAll("[data-ticked-of]").forEach(countTicks);
    form.querySelectorAll("[data-plan]").forEach(totalPlan);
  }
});
