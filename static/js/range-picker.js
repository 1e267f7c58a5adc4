// <studio-range clip src duration start end most for>: a moment or a window of a clip, picked on its waveform.
//   start, end  ids of the fields that hold the numbers; without end it is one moment
//   most        the longest window in seconds      for  the source field, whose strip shows the region, too
import { command, heard, onPlayer } from "studio/bus";
import { momentOf, secondsOf } from "studio/moments";
import { BAR_PX, GAP_PX, loadPeaks, resample } from "studio/peaks";
import { playClip } from "studio/rows";

const CONTRAST = 1.35; // as the other waveforms
const SMALLEST = 0.06;
const CLICK_PX = 4; // a pointer that moved less has clicked
const STEP_S = { ArrowLeft: -0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowUp: 0.1, PageDown: -5, PageUp: 5 };
const LARGE = 10; // how many steps Shift makes of one

const tenth = (seconds) => Math.round(seconds * 10) / 10;

class StudioRange extends HTMLElement {
  static observedAttributes = ["clip", "src", "duration", "most"];

  #leave = null;
  #heights = new Float32Array(1);
  #until_s = null; // where a region that was asked to play ends

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const wave = this.querySelector(".range-wave");
    wave.addEventListener("pointerdown", (event) => this.#grab(event), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.querySelector("[data-range-play]").addEventListener("click", () => this.#play(), { signal });
    document.addEventListener("input", ({ target }) => target === this.#field("start") || target === this.#field("end") ? this.#show() : null, { signal });
    document.addEventListener("studio:mark", (event) => this.#mark(event), { signal });
    for (const name of ["studio:theme", "htmx:after:swap"]) document.addEventListener(name, () => this.#show(), { signal });
    onPlayer((state) => this.#hear(state), signal);
    const sized = new ResizeObserver(() => this.#draw());
    sized.observe(wave);
    signal.addEventListener("abort", () => sized.disconnect());
    this.#load();
    this.#show();
  }

  disconnectedCallback() {
    this.#leave?.abort();
  }

  attributeChangedCallback(_name, before) {
    if (before !== null && this.isConnected) (this.#load(), this.#show());
  }

  // --- numbers -----------------------------------------------------------------------------

  #field(edge) {
    return document.getElementById(this.getAttribute(edge) ?? "");
  }

  get #duration_s() {
    return Number(this.getAttribute("duration")) || 0;
  }

  get #most_s() {
    return Number(this.getAttribute("most")) || Infinity;
  }

  #at(edge) {
    const field = this.#field(edge);
    return field ? secondsOf(field.value) : null;
  }

  /** Writes an edge into its field; the other one gives way where the window would turn over or grow too long. */
  #set(edge, wanted_s, { isDone = false } = {}) {
    const field = this.#field(edge);
    if (!field) return;
    let at_s = Math.min(Math.max(0, wanted_s), this.#duration_s);
    const other = this.#at(edge === "start" ? "end" : "start");
    if (other !== null && this.hasAttribute("end")) {
      const most_s = this.#most_s;
      at_s = edge === "start" ? Math.max(Math.min(at_s, other - 0.1), other - most_s) : Math.min(Math.max(at_s, other + 0.1), other + most_s);
    }
    this.#write(field, at_s, isDone);
  }

  #write(field, at_s, isDone) {
    const text = momentOf(tenth(Math.min(Math.max(0, at_s), Math.floor(this.#duration_s * 10) / 10)));
    if (field.value !== text) {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (isDone) field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // --- pointer and keys --------------------------------------------------------------------

  #timeAt(event) {
    const box = this.querySelector(".range-wave").getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * this.#duration_s;
  }

  #grab(event) {
    if (event.button) return;
    const wave = this.querySelector(".range-wave");
    const handle = event.target.closest(".range-handle");
    const from_px = event.clientX;
    const anchor_s = this.#timeAt(event);
    const isNew = !handle && this.hasAttribute("end");
    const edge = handle?.dataset.edge ?? "start";
    event.preventDefault(); // no text gets selected on the way
    (handle ?? this.querySelector(".range-handle")).focus();
    wave.setPointerCapture(event.pointerId);
    const move = (moved) => {
      if (isNew && Math.abs(moved.clientX - from_px) >= CLICK_PX) this.#stretch(anchor_s, this.#timeAt(moved));
      else if (!isNew) this.#set(edge, this.#timeAt(moved));
    };
    wave.addEventListener("pointermove", move);
    wave.addEventListener("lostpointercapture", (last) => {
      wave.removeEventListener("pointermove", move);
      if (isNew && Math.abs(last.clientX - from_px) < CLICK_PX) this.#set(this.#nearest(anchor_s), anchor_s);
      else if (!isNew && !handle) this.#set(edge, this.#timeAt(last));
      for (const one of ["start", "end"]) this.#field(one)?.dispatchEvent(new Event("change", { bubbles: true }));
    }, { once: true });
  }

  /** A new window from where the pointer went down to where it is, no longer than allowed. */
  #stretch(anchor_s, to_s) {
    const most_s = this.#most_s;
    const end_s = Math.min(Math.max(anchor_s, Math.min(to_s, anchor_s + most_s)), this.#duration_s);
    const start_s = Math.max(0, Math.min(anchor_s, Math.max(to_s, anchor_s - most_s)));
    this.#write(this.#field("start"), to_s < anchor_s ? start_s : anchor_s, false);
    this.#write(this.#field("end"), to_s < anchor_s ? anchor_s : end_s, false);
  }

  #nearest(at_s) {
    const start_s = this.#at("start");
    const end_s = this.#at("end");
    if (start_s === null) return "start";
    if (end_s === null) return at_s > start_s ? "end" : "start";
    return Math.abs(at_s - start_s) <= Math.abs(at_s - end_s) ? "start" : "end";
  }

  #key(event) {
    const edge = event.target.dataset?.edge;
    if (!edge || event.ctrlKey || event.metaKey || event.altKey) return;
    const now_s = this.#at(edge) ?? (edge === "start" ? 0 : this.#duration_s);
    const step_s = (STEP_S[event.key] ?? NaN) * (event.shiftKey && event.key.startsWith("Arrow") ? LARGE : 1);
    const to_s = { Home: 0, End: this.#duration_s }[event.key] ?? now_s + step_s;
    if (Number.isNaN(to_s)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#set(edge, to_s, { isDone: true });
  }

  /** I and O: an edge at the playhead, if this clip is the one in the player. */
  #mark(event) {
    const { edge } = event.detail;
    if (heard.clip?.clip !== this.getAttribute("clip") || !this.#field(edge)) return;
    event.preventDefault();
    this.#set(edge, heard.position_s, { isDone: true });
  }

  // --- hearing -----------------------------------------------------------------------------

  #play() {
    this.#until_s = this.hasAttribute("end") ? this.#at("end") : null;
    playClip(this.getAttribute("clip"), this.#at("start") ?? 0);
  }

  #hear({ clip, position_s, isPlaying }) {
    const isMine = clip?.clip === this.getAttribute("clip");
    const head = this.querySelector(".range-head");
    head.hidden = !isMine;
    if (isMine) head.style.setProperty("--at", position_s / this.#duration_s);
    if (!isMine || this.#until_s === null || position_s < this.#until_s) return;
    if (isPlaying && position_s < this.#until_s + 1) command("toggle");
    this.#until_s = null;
  }

  // --- what is seen ------------------------------------------------------------------------

  #show() {
    const [start_s, end_s] = [this.#at("start"), this.#at("end")];
    for (const handle of this.querySelectorAll(".range-handle")) {
      const at_s = handle.dataset.edge === "start" ? start_s : end_s;
      const shown_s = Math.min(at_s ?? (handle.dataset.edge === "start" ? 0 : this.#duration_s), this.#duration_s);
      handle.style.setProperty("--at", shown_s / this.#duration_s);
      handle.toggleAttribute("data-unset", at_s === null);
      const facts = { valuemin: 0, valuemax: this.#duration_s, valuenow: tenth(shown_s), valuetext: at_s === null ? "not set" : momentOf(at_s) };
      for (const [name, value] of Object.entries(facts)) handle.setAttribute(`aria-${name}`, value);
    }
    const isWindow = this.hasAttribute("end") && start_s !== null && end_s !== null && end_s > start_s;
    const region = this.querySelector(".range-region");
    region.hidden = !isWindow;
    this.#place(region, start_s, end_s);
    this.querySelector(".range-tools output").textContent = this.#words(start_s, end_s, isWindow);
    this.#draw();
    this.#tell(isWindow ? start_s : null, end_s);
  }

  #words(start_s, end_s, isWindow) {
    if (isWindow) return `${momentOf(start_s)}–${momentOf(end_s)} · ${(end_s - start_s).toFixed(1)} s`;
    if (start_s === null) return this.hasAttribute("end") ? "Drag to mark a window" : "Click to pick a moment";
    return `${momentOf(start_s)} of ${momentOf(this.#duration_s)}`;
  }

  #place(region, start_s, end_s) {
    region.style.setProperty("--from", (start_s ?? 0) / this.#duration_s);
    region.style.setProperty("--to", (end_s ?? 0) / this.#duration_s);
    region.toggleAttribute("data-over", end_s - start_s > this.#most_s + 0.01);
  }

  #tell(start_s, end_s) {
    const strip = document.querySelector(`[data-region-of="${CSS.escape(this.getAttribute("for") ?? "")}"]`);
    if (!strip) return;
    strip.hidden = start_s === null;
    this.#place(strip, start_s, end_s);
  }

  async #load() {
    const src = this.getAttribute("src");
    try {
      const heights = await loadPeaks(src);
      if (this.getAttribute("src") === src) this.#heights = heights;
    } catch {
      this.#heights = new Float32Array(1); // a flat line still takes moments
    }
    this.#draw();
  }

  #draw() {
    const canvas = this.querySelector("canvas");
    const { clientWidth: width, clientHeight: height } = canvas.parentElement;
    if (!width) return;
    const scale = devicePixelRatio || 1;
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    const colours = getComputedStyle(this);
    const from_px = ((this.#at("start") ?? Infinity) / this.#duration_s) * width;
    const to_px = this.hasAttribute("end") ? ((this.#at("end") ?? -1) / this.#duration_s) * width : from_px;
    resample(this.#heights, Math.max(1, Math.floor(width / (BAR_PX + GAP_PX)))).forEach((bar, i) => {
      const x = i * (BAR_PX + GAP_PX);
      const tall = Math.max(SMALLEST, bar ** CONTRAST) * height;
      pen.fillStyle = colours.getPropertyValue(x >= from_px && x < to_px ? "--wave-played" : "--wave");
      pen.fillRect(x, (height - tall) / 2, BAR_PX, tall);
    });
  }
}

customElements.define("studio-range", StudioRange);

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-at-playhead]");
  const field = button && document.getElementById(button.dataset.atPlayhead);
  if (!field || !heard.clip) return;
  field.value = momentOf(tenth(heard.position_s));
  for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
});
