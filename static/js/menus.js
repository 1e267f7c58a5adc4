// Menus are popovers, so the browser opens, closes and stacks them. Added here: their place, and the arrow keys of a menu.

const EDGE_PX = 8;
const items = (menu) => [...menu.querySelectorAll("[role^=menuitem]:not(:disabled)")].filter((item) => item.offsetParent);
const invokerOf = (menu) => document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);

function place(menu) {
  const at = invokerOf(menu)?.getBoundingClientRect();
  if (!at) return;
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = at.left + width + EDGE_PX < innerWidth ? at.left : at.right - width;
  const below = at.bottom + height + EDGE_PX < innerHeight;
  menu.style.setProperty("left", `${Math.max(EDGE_PX, left)}px`);
  menu.style.setProperty("top", `${Math.max(EDGE_PX, below ? at.bottom + 4 : at.top - height - 4)}px`);
}

// toggle does not bubble, but it can be captured.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.(".menu[popover]")) return;
  const isOpen = event.newState === "open";
  invokerOf(menu)?.setAttribute("aria-expanded", String(isOpen));
  if (!isOpen) return;
  place(menu);
  items(menu)[0]?.focus();
}, true);

function step(menu, key) {
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key];
  if (to !== undefined) return all[(to + all.length) % all.length];
  if (key.length !== 1) return null;
  const wanted = key.toLowerCase();
  return [...all.slice(at + 1), ...all].find((item) => item.textContent.trim().toLowerCase().startsWith(wanted));
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu:popover-open");
  if (!menu || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Tab") return menu.hidePopover();
  const next = step(menu, event.key);
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
});

// What a menu fetches when it opens makes it taller.
document.addEventListener("htmx:after:swap", () => document.querySelectorAll(".menu:popover-open").forEach(place));

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[role^=menuitem]:not([aria-disabled])")) event.target.closest(".menu:popover-open")?.hidePopover();
});

// Right-click and Shift+F10 on a row open the row's own menu.
document.addEventListener("contextmenu", (event) => {
  const menuButton = event.target.closest?.(".clip-row")?.querySelector("[popovertarget]");
  if (!menuButton || event.target.closest("a, input") || getSelection().toString()) return;
  event.preventDefault();
  document.getElementById(menuButton.getAttribute("popovertarget"))?.showPopover();
});

for (const name of ["resize", "scroll"]) {
  addEventListener(name, () => document.querySelectorAll(".menu:popover-open").forEach(place), { capture: true, passive: true });
}
