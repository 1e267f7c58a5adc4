// data-copy="#element" or data-copy-text="…" copies; data-reveal="#field" shows and hides a secret.
import { onClick, toast } from "studio/bus";

async function copy(button) {
  const source = button.dataset.copy && document.querySelector(button.dataset.copy);
  const text = button.dataset.copyText ?? source?.value ?? source?.textContent.trim() ?? "";
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.", "ok");
  } catch {
    // Clipboards are refused outside https and localhost; marked text is one key away from copied.
    source?.select?.();
    toast("This browser does not let pages copy. It is marked: press Ctrl+C.", "work");
  }
}

onClick("[data-copy], [data-copy-text]", copy);

onClick("[data-reveal]", (button) => {
  const field = document.querySelector(button.dataset.reveal);
  if (!field) return;
  const isShown = field.type === "password";
  field.type = isShown ? "text" : "password";
  button.setAttribute("aria-pressed", String(isShown));
});
