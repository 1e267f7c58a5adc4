// The create panel as column or drawer, and the dividers that set the widths of panes.
import { onClick } from "studio/bus";
import { forget, keep, recall } from "studio/memory";

const STEP_PX = 16;
const root = document.documentElement;
const isDrawerWidth = matchMedia("(min-width: 768px) and (max-width: 1199.98px)");

// --- widths ----------------------------------------------------------------------------------

function setWidth(divider, wanted_px) {
  const width_px = Math.round(Math.min(Math.max(wanted_px, divider.ariaValueMin), divider.ariaValueMax));
  root.style.setProperty(`--${divider.dataset.resizes}`, `${width_px}px`);
  divider.setAttribute("aria-valuenow", width_px);
  keep(`width.${divider.dataset.resizes}`, width_px);
}

function reset(divider) {
  setWidth(divider, Number(divider.dataset.default));
  forget(`width.${divider.dataset.resizes}`);
}

for (const pane of ["create", "detail"]) {
  const kept_px = recall(`width.${pane}`);
  if (kept_px) root.style.setProperty(`--${pane}`, `${kept_px}px`);
}

// The details stand right of their divider, so there a pull to the left makes them wider.
const directionOf = (divider) => (divider.dataset.resizes === "detail" ? -1 : 1);

document.addEventListener("pointerdown", (event) => {
  const divider = event.target.closest?.("[data-resizes]");
  if (!divider) return;
  const from_px = event.clientX;
  const width_px = divider.parentElement.offsetWidth;
  const drag = (move) => setWidth(divider, width_px + directionOf(divider) * (move.clientX - from_px));
  event.preventDefault(); // no text gets selected on the way
  divider.focus();
  divider.setPointerCapture(event.pointerId);
  divider.setAttribute("data-dragging", "");
  divider.addEventListener("pointermove", drag);
  divider.addEventListener("lostpointercapture", () => {
    divider.removeAttribute("data-dragging");
    divider.removeEventListener("pointermove", drag);
  }, { once: true });
});

document.addEventListener("keydown", (event) => {
  const divider = event.target.closest?.("[data-resizes]");
  const step = { ArrowLeft: -STEP_PX, ArrowRight: STEP_PX }[event.key];
  if (!divider || !(step || event.key === "Enter")) return;
  event.preventDefault();
  event.stopPropagation();
  if (step) setWidth(divider, divider.parentElement.offsetWidth + directionOf(divider) * step);
  else reset(divider);
});

document.addEventListener("dblclick", (event) => {
  const divider = event.target.closest?.("[data-resizes]");
  if (divider) reset(divider);
});

// --- the details ---------------------------------------------------------------------------

// Where there is no room beside the list they stand below it, out of sight.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const heading = ctx?.target?.matches?.(".detail-scroll") && ctx.target.querySelector("h2");
  if (!heading || heading.getBoundingClientRect().top < innerHeight - 120) return;
  heading.setAttribute("tabindex", "-1");
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "start" });
});

// Closing takes the focused × away; the row that the details are about takes the focus.
onClick("[data-returns-to]", (link) => {
  document.querySelector(`#${CSS.escape(link.dataset.returnsTo)} [popovertarget]`)?.focus();
});

// --- the create panel ------------------------------------------------------------------------

const isOpen = () => (isDrawerWidth.matches ? document.body.dataset.drawer === "create" : root.dataset.create !== "closed");

function showState() {
  document.querySelector("[data-toggles=create]")?.setAttribute("aria-expanded", String(isOpen()));
}

function toggle(wanted = !isOpen()) {
  if (isDrawerWidth.matches) {
    if (wanted) document.body.dataset.drawer = "create";
    else delete document.body.dataset.drawer;
  } else {
    if (wanted) delete root.dataset.create;
    else root.dataset.create = "closed";
    keep("create", wanted ? "open" : "closed");
  }
  showState();
}

/** Brings the create form to the reader. False where this page has none to show. */
export function openCreate() {
  const panel = document.getElementById("create");
  if (!panel) return false;
  if (panel.getClientRects().length === 0) toggle(true);
  if (panel.getClientRects().length === 0) return false;
  [...panel.querySelectorAll("textarea, input:not([type=hidden], [type=radio])")].find((field) => field.checkVisibility())?.focus();
  return true;
}

if (recall("create") === "closed") root.dataset.create = "closed";
isDrawerWidth.addEventListener("change", () => (delete document.body.dataset.drawer, showState()));
onClick("[data-toggles=create]", () => {
  toggle();
  if (isOpen()) openCreate();
});

const closeDrawer = () => document.body.dataset.drawer && (toggle(false), document.querySelector("[data-toggles=create]")?.focus());
document.addEventListener("keydown", (event) => event.key === "Escape" && closeDrawer());
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest(".create, .rail, .player, .toasts, .menu, dialog")) closeDrawer();
});
document.addEventListener("htmx:after:swap", showState);
showState();
