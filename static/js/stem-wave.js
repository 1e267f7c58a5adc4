// The waveform of one stem on a canvas of its own, in the colour that the stem's element has.
import { BAR_PX, GAP_PX, fitBars, loadPeaks } from "studio/peaks";

const SMALLEST = 0.05;
const UNPLAYED = 0.45;

export class StemWave {
  #host;
  #canvas = document.createElement("canvas");
  #heights = null;
  #bars = new Float32Array();
  #share = 0;
  #drawn = -1;

  constructor(host, src, signal) {
    this.#host = host;
    host.replaceChildren(this.#canvas);
    const sized = new ResizeObserver(() => this.#fit());
    const seen = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && this.#load(src), { rootMargin: "200px" });
    sized.observe(host);
    seen.observe(host);
    document.addEventListener("studio:theme", () => this.#draw(), { signal });
    signal.addEventListener("abort", () => (sized.disconnect(), seen.disconnect()));
  }

  /** share: how much of it has been played, 0 to 1 */
  show(share) {
    this.#share = share;
    if (Math.ceil(share * this.#bars.length) !== this.#drawn) this.#draw();
  }

  async #load(src) {
    if (this.#heights) return;
    this.#heights = new Float32Array(1); // a flat line, until they are here and when they never come
    this.#heights = src ? await loadPeaks(src).catch(() => this.#heights) : this.#heights;
    this.#fit();
  }

  #fit() {
    const bars = fitBars(this.#canvas, this.#host, this.#heights);
    if (!bars) return;
    this.#bars = bars;
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#host;
    const pen = this.#canvas.getContext("2d");
    this.#drawn = Math.ceil(this.#share * this.#bars.length);
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = getComputedStyle(this.#host).color;
    this.#bars.forEach((bar, i) => {
      const tall = Math.max(SMALLEST, bar) * height;
      pen.globalAlpha = i < this.#drawn ? 1 : UNPLAYED;
      pen.fillRect(i * (BAR_PX + GAP_PX), (height - tall) / 2, BAR_PX, tall);
    });
  }
}
