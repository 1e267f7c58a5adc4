// <studio-roll clip src duration bpm>: the notes of a clip over time, with a playhead that goes with its sound.
//   The frame scrolls by itself, so keys, wheel and fingers work as anywhere; the canvas stays in view and draws what is there.
import { followClip, seekClip } from "studio/clip-time";
import { drawRoll, pitchRange } from "studio/roll-drawing";

const SHOWN_S = 30; // at first
const MOST_PX_PER_S = 480;
const ZOOM = 1.6;
const LEAVE_SCROLL_ALONE_MS = 4000;
const FOLLOW_FROM = 0.85; // of the width: further right the playhead turns the page
const FOLLOW_TO = 0.15;

class StudioRoll extends HTMLElement {
  #leave = null;
  #instruments = null;
  #px_per_s = 0;
  #position_s = 0;
  #scrolledAt = -Infinity;
  #isOwnScroll = false;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const scroll = this.#part("scroll");
    this.addEventListener("click", (event) => this.#click(event), { signal });
    scroll.addEventListener("keydown", (event) => this.#key(event), { signal });
    scroll.addEventListener("scroll", () => this.#scrolled(), { signal, passive: true });
    document.addEventListener("studio:theme", () => this.#draw(), { signal });
    const sized = new ResizeObserver(() => this.#fit());
    const seen = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && this.#load(), { rootMargin: "300px" });
    sized.observe(scroll);
    seen.observe(this);
    signal.addEventListener("abort", () => (sized.disconnect(), seen.disconnect()));
    followClip(this.getAttribute("clip"), (state) => this.#hear(state), signal);
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  get duration_s() {
    const last_s = Math.max(0, ...(this.#instruments ?? []).map(({ notes }) => notes.reduce((end, note) => Math.max(end, note[1]), 0)));
    return Math.max(Number(this.getAttribute("duration")) || 0, last_s, 1);
  }

  async #load() {
    if (this.#instruments) return;
    this.#instruments = [];
    try {
      const answer = await fetch(this.getAttribute("src"), { credentials: "same-origin", signal: this.#leave.signal });
      if (!answer.ok) throw new Error(`notes: ${answer.status}`);
      this.#instruments = (await answer.json()).instruments;
      this.#fit();
    } catch {
      if (!this.#leave.signal.aborted) this.#part("status").textContent = "The notes cannot be loaded right now. Load the page again.";
    }
  }

  // --- sound -----------------------------------------------------------------------------------

  #hear({ position_s, isPlaying, isHere }) {
    this.#position_s = position_s;
    this.#part("playhead").hidden = !isHere;
    this.#placeHead();
    if (isPlaying) this.#follow();
  }

  #placeHead() {
    this.#part("playhead").style.setProperty("translate", `${this.#position_s * this.#px_per_s}px 0`);
  }

  #follow() {
    const scroll = this.#part("scroll");
    const x = this.#position_s * this.#px_per_s - scroll.scrollLeft;
    const isSeen = x >= 0 && x <= scroll.clientWidth * FOLLOW_FROM;
    if (isSeen || performance.now() - this.#scrolledAt < LEAVE_SCROLL_ALONE_MS) return;
    this.#scrollTo(this.#position_s * this.#px_per_s - scroll.clientWidth * FOLLOW_TO);
  }

  // --- view ------------------------------------------------------------------------------------

  #scrollTo(left_px) {
    const scroll = this.#part("scroll");
    const before = scroll.scrollLeft;
    scroll.scrollLeft = left_px;
    this.#isOwnScroll = scroll.scrollLeft !== before; // the event comes later, and only if it moved
  }

  #scrolled() {
    if (!this.#isOwnScroll) this.#scrolledAt = performance.now();
    this.#isOwnScroll = false;
    this.#draw();
  }

  #zoom(factor) {
    const scroll = this.#part("scroll");
    const isHeadSeen = Math.abs(this.#position_s * this.#px_per_s - scroll.scrollLeft - scroll.clientWidth / 2) < scroll.clientWidth / 2;
    const middle_px = isHeadSeen ? this.#position_s * this.#px_per_s - scroll.scrollLeft : scroll.clientWidth / 2;
    const middle_s = (scroll.scrollLeft + middle_px) / this.#px_per_s;
    this.#px_per_s *= factor;
    this.#fit();
    this.#scrollTo(middle_s * this.#px_per_s - middle_px);
    this.#draw();
  }

  #fit() {
    const scroll = this.#part("scroll");
    const { clientWidth: width, clientHeight: height } = scroll;
    if (!width || !height) return;
    const least = width / this.duration_s;
    this.#px_per_s = Math.min(MOST_PX_PER_S, Math.max(least, this.#px_per_s || width / SHOWN_S));
    this.#part("space").style.setProperty("width", `${this.duration_s * this.#px_per_s}px`);
    const canvas = this.#part("canvas");
    const scale = devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.setProperty("width", `${width}px`);
    canvas.style.setProperty("height", `${height}px`);
    canvas.getContext("2d").setTransform(scale, 0, 0, scale, 0, 0);
    this.#placeHead();
    this.#draw();
  }

  #draw() {
    const scroll = this.#part("scroll");
    if (!this.#px_per_s) return;
    const [low, high] = pitchRange(this.#instruments ?? []);
    const view = {
      width: scroll.clientWidth, height: scroll.clientHeight, px_per_s: this.#px_per_s,
      left_s: scroll.scrollLeft / this.#px_per_s, bpm: Number(this.getAttribute("bpm")) || 0, low, high,
    };
    const colour = (name) => getComputedStyle(scroll).getPropertyValue(name);
    const colours = { line: colour("--roll-line"), strong: colour("--roll-strong"), text: colour("--roll-text"), black: colour("--roll-black") };
    drawRoll(this.#part("canvas").getContext("2d"), view, colours, this.#shown());
  }

  /** The instruments that are switched on, each with the colour of its switch. */
  #shown() {
    return this.#switches.filter((button) => button.getAttribute("aria-pressed") === "true" && this.#instruments?.[button.value])
      .map((button) => ({
        notes: this.#instruments[button.value].notes,
        colour: getComputedStyle(button.querySelector(".part-chip")).backgroundColor,
      }));
  }

  // --- hands -----------------------------------------------------------------------------------

  #click(event) {
    const control = event.target.closest("[data-roll]");
    const acts = {
      instrument: () => {
        control.setAttribute("aria-pressed", String(control.getAttribute("aria-pressed") !== "true"));
        this.#draw();
      },
      in: () => this.#zoom(ZOOM),
      out: () => this.#zoom(1 / ZOOM),
      canvas: () => this.#seek(event),
    };
    acts[control?.dataset.roll]?.();
  }

  #seek(event) {
    if (!this.#px_per_s) return;
    const x_px = event.clientX - this.#part("space").getBoundingClientRect().left;
    seekClip(this.getAttribute("clip"), x_px / this.#px_per_s);
  }

  // Elsewhere these keys mean the player; inside the frame they are the frame's own.
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const factor = { "+": ZOOM, "=": ZOOM, "-": 1 / ZOOM }[event.key];
    if (factor) {
      event.preventDefault();
      this.#zoom(factor);
    }
    if (factor || event.key.startsWith("Arrow")) event.stopPropagation();
  }

  get #switches() {
    return [...this.querySelectorAll("[data-roll=instrument]")];
  }

  #part(name) {
    return this.querySelector(`[data-roll="${name}"]`);
  }
}

customElements.define("studio-roll", StudioRoll);
