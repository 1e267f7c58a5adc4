// Short messages over the player. They come as a "toast" event (also from an HX-Trigger header) or as [data-toast] elements.
import { matches, onContent } from "studio/bus";

const STAY_MS = 6000;
const AT_MOST = 3;
const ICONS = { ok: "check", err: "circle-alert", work: "clock", info: "info" };

function show(text, kind = "info") {
  const shelf = document.getElementById("toasts");
  const item = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  const icon = item.querySelector("use");
  item.dataset.kind = kind;
  icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, `#${ICONS[kind] ?? ICONS.info}`));
  item.querySelector(".toast-text").textContent = text;
  shelf.append(item);
  while (shelf.children.length > AT_MOST) shelf.firstElementChild.remove();
  leaveInTime(item);
}

// Time stands still while somebody reads with the pointer on it or the focus in it.
function leaveInTime(item) {
  let timer = setTimeout(() => item.remove(), STAY_MS);
  const hold = () => clearTimeout(timer);
  const go = () => (timer = setTimeout(() => item.remove(), STAY_MS / 2));
  item.addEventListener("pointerenter", hold);
  item.addEventListener("focusin", hold);
  item.addEventListener("pointerleave", go);
  item.addEventListener("focusout", go);
  item.querySelector("[data-toast-close]").addEventListener("click", () => (hold(), item.remove()));
}

document.addEventListener("toast", ({ detail }) => show(detail.text ?? detail.value, detail.kind));

onContent((root) => {
  for (const note of matches(root, "[data-toast]")) {
    show(note.textContent.trim(), note.dataset.toast || "info");
    note.remove();
  }
});
