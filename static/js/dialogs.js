// data-dialog="id" opens that <dialog>; a click beside it closes it. The browser returns the focus.
import { onClick } from "studio/bus";

onClick("[data-dialog]", (button) => document.getElementById(button.dataset.dialog)?.showModal());

document.addEventListener("click", (event) => {
  const { target } = event;
  if (!(target instanceof HTMLDialogElement)) return;
  const { left, right, top, bottom } = target.getBoundingClientRect();
  const isBeside = event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom;
  if (isBeside) target.close("cancel");
});
