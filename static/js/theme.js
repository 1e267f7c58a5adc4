// The choice lives in a cookie: the server writes it into <html> before the first paint.
import { onClick } from "studio/bus";

const YEAR_S = 31536000;
const root = document.documentElement;

function changed() {
  const chrome = getComputedStyle(root).getPropertyValue("--chrome");
  document.querySelector("meta[name=theme-color]")?.setAttribute("content", chrome);
  document.dispatchEvent(new CustomEvent("studio:theme"));
}

// Menu items here, radio buttons on the settings page.
function show(item, theme) {
  const isChosen = item.dataset.themeChoice === theme;
  if (item.type === "radio") item.checked = isChosen;
  else item.setAttribute("aria-checked", String(isChosen));
}

onClick("[data-theme-choice]", (chosen) => {
  root.dataset.theme = chosen.dataset.themeChoice;
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
  for (const item of document.querySelectorAll("[data-theme-choice]")) show(item, root.dataset.theme);
  changed();
});

matchMedia("(prefers-color-scheme: light)").addEventListener("change", changed);
changed();
