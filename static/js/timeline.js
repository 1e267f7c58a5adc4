// <studio-timeline clip>: the server's lines and words, lit as they are sung. Each carries data-start and data-end in seconds.
import { onPlayer } from "studio/bus";
import { playClip } from "studio/rows";

const LEAVE_SCROLL_ALONE_MS = 4000; // after the reader scrolled, do not pull the text away

class StudioTimeline extends HTMLElement {
  #leave = null;
  #spans = [];
  #line = null;
  #scrolledAt = 0;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.#spans = [...this.querySelectorAll("[data-start]")].map((element) => ({
      element, start_s: Number(element.dataset.start), end_s: Number(element.dataset.end),
    }));
    for (const name of ["wheel", "touchmove"]) {
      this.addEventListener(name, () => (this.#scrolledAt = Date.now()), { signal, passive: true });
    }
    this.addEventListener("click", (event) => this.#click(event), { signal });
    onPlayer((state) => this.#hear(state), signal);
  }

  disconnectedCallback() {
    this.#leave?.abort();
  }

  #click(event) {
    const word = event.target.closest("[data-start]");
    if (word && this.contains(word)) playClip(this.getAttribute("clip"), Number(word.dataset.start));
  }

  #hear({ clip, position_s, isPlaying }) {
    const isMine = clip?.clip === this.getAttribute("clip");
    for (const { element, start_s, end_s } of this.#spans) {
      element.toggleAttribute("data-now", isMine && position_s >= start_s && position_s < end_s);
      element.toggleAttribute("data-past", isMine && position_s >= end_s);
    }
    if (isMine && isPlaying) this.#follow();
  }

  #follow() {
    const line = this.querySelector(".line[data-now]");
    if (!line || line === this.#line) return;
    this.#line = line;
    if (Date.now() - this.#scrolledAt < LEAVE_SCROLL_ALONE_MS) return;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    line.scrollIntoView({ block: "nearest", behavior: isCalm ? "instant" : "smooth" });
  }
}

customElements.define("studio-timeline", StudioTimeline);
