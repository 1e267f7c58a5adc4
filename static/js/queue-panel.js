// The list over the player. It draws what the queue holds and changes it; the player is told by an event.
import { clock, command, onClick } from "studio/bus";

let queue = null;

function draw(panel) {
  const list = panel.querySelector(".queue-list");
  const pattern = panel.querySelector("template");
  list.replaceChildren(...queue.items.map((item, index) => {
    const row = pattern.content.firstElementChild.cloneNode(true);
    row.dataset.index = index;
    row.setAttribute("aria-current", String(index === queue.index));
    row.querySelector("[data-queue-title]").textContent = item.title;
    row.querySelector("[data-queue-time]").textContent = clock(item.duration_s);
    row.querySelector("[data-queue=up]").disabled = index === 0;
    row.querySelector("[data-queue=down]").disabled = index === queue.items.length - 1;
    row.querySelector("[data-queue=remove]").disabled = index === queue.index;
    return row;
  }));
  panel.querySelector(".queue-empty").hidden = queue.items.length > 0;
  panel.querySelector(".queue-title").textContent = queue.items.length ? `Queue · ${queue.items.length}` : "Queue";
}

// Drawing again takes the focused button away; its twin in the new list takes the focus.
function refocus(panel, index, act) {
  const row = panel.querySelectorAll(".queue-item")[Math.min(index, queue.items.length - 1)];
  const twin = row?.querySelector(`[data-queue=${act}]:not(:disabled)`) ?? row?.querySelector("[data-queue=go]");
  (twin ?? panel.querySelector("[data-queue=clear]")).focus();
}

document.addEventListener("queue:draw", (event) => {
  queue = event.detail;
  draw(event.target);
}, true);

onClick("[data-queue]", (button) => {
  const act = button.dataset.queue;
  const panel = button.closest(".queue");
  const index = Number(button.closest(".queue-item")?.dataset.index);
  if (act === "go") return command("go", { index });
  if (act === "clear") queue.clear();
  if (act === "up") queue.move(index, -1);
  if (act === "down") queue.move(index, 1);
  if (act === "remove") queue.remove(index);
  panel.dispatchEvent(new CustomEvent("queue:changed", { bubbles: true }));
  refocus(panel, act === "up" ? index - 1 : act === "down" ? index + 1 : index, act);
});
