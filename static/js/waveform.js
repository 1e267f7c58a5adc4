// <studio-waveform clip src|bars duration label mini follow>: draws stored peaks and is the place to seek.
//   src     address of a peaks file        bars   heights 0..127 in the page itself, for lists
//   mini    decoration that can be clicked: out of the tab order, hidden from screen readers
//   follow  shows whatever plays (the player's own)
import { clock, command, onPlayer } from "studio/bus";
import { BAR_PX, GAP_PX, fitBars, loadPeaks, parseBars } from "studio/peaks";
import { playClip } from "studio/rows";

const SMALLEST = 0.06; // silence still shows where the clip goes on
const CONTRAST = 1.35; // mastered music sits near full scale; this brings its shape back
const STEP_S = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -10, PageUp: 10 };

class StudioWaveform extends HTMLElement {
  static observedAttributes = ["clip", "src", "bars"];

  #canvas = document.createElement("canvas");
  #tip = document.createElement("span");
  #heights = null;
  #bars = new Float32Array();
  #position_s = 0;
  #duration_s = 0;
  #hover_px = null;
  #isMine = false;
  #drawn = "";
  #leave = null;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.#tip.className = "wave-tip";
    this.#tip.hidden = true;
    this.replaceChildren(this.#canvas, this.#tip);
    this.#describe();
    onPlayer((state) => this.#hear(state), signal);
    this.addEventListener("pointermove", (event) => this.#point(event.offsetX), { signal });
    this.addEventListener("pointerleave", () => this.#point(null), { signal });
    this.addEventListener("click", (event) => this.#seekTo(this.#timeAt(event.offsetX)), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("studio:theme", () => this.#draw(), { signal });
    const sized = new ResizeObserver(() => this.#fit());
    const seen = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && this.#load(), { rootMargin: "200px" });
    sized.observe(this);
    seen.observe(this);
    signal.addEventListener("abort", () => (sized.disconnect(), seen.disconnect()));
  }

  disconnectedCallback() {
    this.#leave?.abort();
  }

  attributeChangedCallback(name, before) {
    if (before === null || !this.isConnected) return;
    this.#heights = null;
    this.#load();
  }

  get #isMini() {
    return this.hasAttribute("mini");
  }

  #describe() {
    if (this.#isMini) {
      this.setAttribute("aria-hidden", "true");
      return;
    }
    this.setAttribute("role", "slider");
    this.tabIndex = 0;
    this.setAttribute("aria-label", this.getAttribute("label") || "Seek");
    this.setAttribute("aria-valuemin", "0");
    this.#speak();
  }

  #speak() {
    if (this.#isMini) return;
    this.setAttribute("aria-valuemax", Math.round(this.#duration_s));
    this.setAttribute("aria-valuenow", Math.round(this.#position_s));
    this.setAttribute("aria-valuetext", `${clock(this.#position_s)} of ${clock(this.#duration_s)}`);
    this.toggleAttribute("aria-disabled", false);
    if (!this.#duration_s) this.setAttribute("aria-disabled", "true");
  }

  // --- what to draw ------------------------------------------------------------------------

  async #load() {
    if (this.#heights) return;
    const bars = this.getAttribute("bars");
    const src = this.getAttribute("src");
    if (bars) return this.#take(parseBars(bars));
    if (!src) return this.#take(new Float32Array(1));
    try {
      const heights = await loadPeaks(src);
      if (this.getAttribute("src") === src) this.#take(heights);
    } catch {
      this.#take(new Float32Array(1)); // a flat line still seeks
    }
  }

  #take(heights) {
    this.#heights = heights;
    this.#fit();
  }

  #hear({ clip, position_s, duration_s }) {
    if (this.hasAttribute("follow")) this.#followTo(clip);
    this.#isMine = Boolean(clip) && clip.clip === this.getAttribute("clip");
    this.#position_s = this.#isMine ? position_s : 0;
    this.#duration_s = (this.#isMine && duration_s) || Number(this.getAttribute("duration")) || 0;
    const second = Math.floor(this.#position_s);
    if (this.getAttribute("aria-valuenow") !== String(second)) this.#speak();
    this.#draw({ onlyIfMoved: true });
  }

  #followTo(clip) {
    if (this.getAttribute("clip") === (clip?.clip ?? "")) return;
    this.setAttribute("clip", clip?.clip ?? "");
    this.setAttribute("duration", clip?.duration_s ?? 0);
    if (clip?.peaks) this.setAttribute("src", clip.peaks);
    else this.removeAttribute("src");
    this.#heights = null;
    this.#load();
  }

  // --- drawing -----------------------------------------------------------------------------

  #fit() {
    const bars = fitBars(this.#canvas, this, this.#heights);
    if (!bars) return;
    this.#bars = bars;
    this.#draw();
  }

  #draw({ onlyIfMoved = false } = {}) {
    const { clientWidth: width, clientHeight: height } = this;
    const played_px = this.#duration_s ? (this.#position_s / this.#duration_s) * width : 0;
    const now = `${Math.round(played_px)} ${this.#hover_px}`;
    if (onlyIfMoved && now === this.#drawn) return;
    this.#drawn = now;
    const pen = this.#canvas.getContext("2d");
    const colours = getComputedStyle(this);
    pen.clearRect(0, 0, width, height);
    this.#bars.forEach((bar, i) => {
      const x = i * (BAR_PX + GAP_PX);
      const tall = Math.max(SMALLEST, bar ** CONTRAST) * height;
      pen.fillStyle = colours.getPropertyValue(x < played_px ? "--wave-played" : "--wave");
      pen.beginPath();
      pen.roundRect(x, (height - tall) / 2, BAR_PX, tall, 1);
      pen.fill();
    });
    if (this.#hover_px === null) return;
    pen.fillStyle = colours.getPropertyValue("--wave-hover");
    pen.fillRect(this.#hover_px, 0, 1, height);
  }

  // --- seeking -----------------------------------------------------------------------------

  #point(x_px) {
    this.#hover_px = x_px;
    this.#tip.hidden = x_px === null || this.#isMini || !this.#duration_s;
    if (!this.#tip.hidden) {
      this.#tip.textContent = clock(this.#timeAt(x_px));
      this.#tip.style.setProperty("left", `${x_px}px`);
    }
    this.#draw();
  }

  #timeAt(x_px) {
    return (Math.min(Math.max(0, x_px), this.clientWidth) / this.clientWidth) * this.#duration_s;
  }

  #seekTo(position_s) {
    if (!this.#duration_s) return;
    if (this.#isMine) command("seek", { position_s });
    else playClip(this.getAttribute("clip"), position_s);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to_s = { Home: 0, End: this.#duration_s }[event.key] ?? this.#position_s + (STEP_S[event.key] ?? NaN);
    if (Number.isNaN(to_s)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#seekTo(to_s);
  }
}

customElements.define("studio-waveform", StudioWaveform);
