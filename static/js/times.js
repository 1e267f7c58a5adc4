// Times in the reader's zone, and clocks that run.
import { clock, matches, onContent } from "studio/bus";

const STEPS = [[60, "second"], [3600, "minute"], [86400, "hour"], [604800, "day"]];
const DIVISOR = { second: 1, minute: 60, hour: 3600, day: 86400 };
const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

function localise(time) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const words = (time.dataset.local === "exact" ? exact : full).format(at);
  time.title = words;
  const since_s = (Date.now() - at) / 1000;
  const unit = STEPS.find(([below]) => since_s < below)?.[1];
  const isAgo = time.dataset.local === "ago" && unit && since_s >= 0;
  time.textContent = isAgo ? ago.format(-Math.floor(since_s / DIVISOR[unit]), unit) : words;
}

function tick() {
  for (const time of document.querySelectorAll("time[data-elapsed-since]")) {
    time.textContent = clock((Date.now() - new Date(time.dataset.elapsedSince)) / 1000);
  }
}

const localiseAll = (root) => matches(root, "time[data-local]").forEach(localise);
onContent((root) => (localiseAll(root), tick()));
document.addEventListener("htmx:after:swap", () => localiseAll(document));
setInterval(tick, 1000);
