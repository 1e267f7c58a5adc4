// <studio-helper for>: words from the provider beneath a field. What it puts into the field can be taken back.
import { toast } from "studio/bus";

class StudioHelper extends HTMLElement {
  #leave = null;
  #before = null;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.addEventListener("click", (event) => this.#click(event), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  disconnectedCallback() {
    this.#leave?.abort();
  }

  get #field() {
    return document.getElementById(this.getAttribute("for"));
  }

  #click({ target }) {
    const button = target.closest("button");
    if (!button) return;
    const { helperUse, helperAppend, helperLines } = button.dataset;
    if (helperUse) this.#put(this.#text(helperUse), this.#titleOf(button));
    if (helperAppend) this.#put([this.#field.value.trimEnd(), this.#text(helperAppend)].filter(Boolean).join("\n\n"));
    if (helperLines) this.#putLines(this.#text(helperLines));
    if (button.matches("[data-helper-undo]")) this.#undo();
    if (button.matches("[data-helper-selection]")) this.#takeSelection();
    if (button.matches("[data-helper-close]")) this.#close();
  }

  // The panel's own Ctrl+Enter would send the song.
  #key(event) {
    if (event.key === "Escape") return this.#close();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    this.querySelector("[data-helper-send]:not(:disabled)")?.click();
  }

  #text(id) {
    return document.getElementById(id).textContent.trim();
  }

  #titleOf(button) {
    return button.closest(".draft")?.querySelector("h3")?.textContent.trim() ?? "";
  }

  /** Into the field; a title that nobody has given comes along. */
  #put(text, title = "") {
    const named = document.getElementById("id_title");
    const takesTitle = Boolean(named && title && !named.value.trim());
    this.#before = { text: this.#field.value, named: takesTitle ? named : null };
    this.#write(this.#field, text);
    if (takesTitle) this.#write(named, title);
    this.querySelector(".helper-undo").hidden = false;
    toast("It is in the form.", "ok");
  }

  #write(field, text) {
    field.value = text;
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  }

  #putLines(text) {
    const lines = this.querySelector("textarea[hidden]").value;
    if (!this.#field.value.includes(lines)) return toast("Those lines are not in the lyrics any more.", "err");
    this.#put(this.#field.value.replace(lines, () => text));
  }

  #undo() {
    if (!this.#before) return;
    this.#write(this.#field, this.#before.text);
    if (this.#before.named) this.#write(this.#before.named, "");
    this.#before = null;
    this.querySelector(".helper-undo").hidden = true;
  }

  /** The lines that the selection touches, whole. */
  #takeSelection() {
    const { value, selectionStart, selectionEnd } = this.#field;
    if (selectionStart === selectionEnd) return toast("Select some lines of the lyrics first.", "info");
    const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const next = value.indexOf("\n", selectionEnd - (value[selectionEnd - 1] === "\n" ? 1 : 0));
    const lines = value.slice(start, next < 0 ? value.length : next);
    this.querySelector("textarea[hidden]").value = lines;
    this.querySelector("[data-helper-shows]").textContent = lines;
    this.querySelector(".helper-lines").hidden = false;
    this.querySelector("[data-helper-send]").focus();
  }

  #close() {
    const field = this.#field;
    this.remove();
    field?.focus();
  }
}

customElements.define("studio-helper", StudioHelper);
