// Tells the page that the team's work has changed: the meter in the rail is the one thing that asks the server.
import { onContent } from "studio/bus";

const stamp = () => document.querySelector("#running input[name=meter]")?.value ?? "";
let known = stamp();

onContent(() => {
  const now = stamp();
  if (now === known) return;
  known = now;
  document.dispatchEvent(new CustomEvent("studio:work"));
});
