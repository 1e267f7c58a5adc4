// <studio-timeline clip>: the server's lines and words, lit as they are sung. Each carries data-start and data-end in seconds.
import { followClip, seekClip } from "studio/clip-time";

const LEAVE_SCROLL_ALONE_MS = 4000; // after the reader scrolled, do not pull the text away
const OWN_SCROLL_MS = 700; // so long a smooth scroll of ours may last
const AWAY = 0;
const NOW = 1;
const PAST = 2;

class StudioTimeline extends HTMLElement {
  #leave = null;
  #spans = [];
  #line = null;
  #scrolledAt = -Infinity;
  #pulledAt = -Infinity;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.#spans = [...this.querySelectorAll("[data-start]")].map((element) => ({
      element, start_s: Number(element.dataset.start), end_s: Number(element.dataset.end), state: AWAY,
    }));
    this.addEventListener("scroll", () => this.#scrolled(), { signal, passive: true });
    this.addEventListener("click", (event) => this.#click(event), { signal });
    followClip(this.getAttribute("clip"), (state) => this.#hear(state), signal);
  }

  disconnectedCallback() {
    this.#leave?.abort();
  }

  #click(event) {
    const word = event.target.closest("[data-start]");
    if (word && this.contains(word)) seekClip(this.getAttribute("clip"), Number(word.dataset.start));
  }

  // Sixty times a second for hundreds of words: the page is touched only where something changes.
  #hear({ position_s, isPlaying, isHere }) {
    let hasChanged = false;
    for (const span of this.#spans) {
      const state = !isHere || position_s < span.start_s ? AWAY : position_s < span.end_s ? NOW : PAST;
      if (state === span.state) continue;
      span.state = state;
      hasChanged = true;
      span.element.toggleAttribute("data-now", state === NOW);
      span.element.toggleAttribute("data-past", state === PAST);
    }
    if (hasChanged && isHere && isPlaying) this.#follow();
  }

  #scrolled() {
    const now = performance.now();
    if (now - this.#pulledAt > OWN_SCROLL_MS) this.#scrolledAt = now;
  }

  // Only this element scrolls, never the page under the reader's hands.
  #follow() {
    const line = this.#spans.find(({ element, state }) => state === NOW && element.matches(".line"))?.element;
    if (!line || line === this.#line) return;
    this.#line = line;
    if (performance.now() - this.#scrolledAt < LEAVE_SCROLL_ALONE_MS) return;
    const { top, bottom } = line.getBoundingClientRect();
    const frame = this.getBoundingClientRect();
    const isSeen = top >= frame.top + this.clientHeight * 0.15 && bottom <= frame.top + this.clientHeight * 0.75;
    if (isSeen) return;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#pulledAt = performance.now();
    this.scrollTo({ top: this.scrollTop + top - frame.top - this.clientHeight * 0.3, behavior: isCalm ? "instant" : "smooth" });
  }
}

customElements.define("studio-timeline", StudioTimeline);
