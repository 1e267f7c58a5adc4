// <studio-mixer clip duration>: plays the <studio-stem-lane>s inside it in step, on the one clock of an AudioContext.
//   Media elements, not decoded buffers: twelve stems of four minutes would be a gigabyte. They begin while the clock stands still,
//   so that all give their first sample when it goes on; seeking does the same, and so does what has drifted apart on the way.
//   graph and levels() show what is rendered; mixer:playing and mixer:stopped tell of it, studio:mixer on document of the position.
import { beginAlone } from "studio/alone";
import { onPlayer } from "studio/bus";
import { Meter } from "studio/meter";
import { seekByKey, showPeak, showPosition } from "studio/mixer-face";
import "studio/stem-lane";

const RATE_HZ = 44_100;
const DRIFT_S = 0.03;
const WATCH_MS = 1000;
const SETTLE_MS = 120;
const DRAW_EVERY_MS = 45;
const TELL_EVERY_MS = 100;

class StudioMixer extends HTMLElement {
  #leave = null;
  #context = null;
  #master = null;
  #meter = null;
  #isPlaying = false;
  #position_s = 0; // where it stands while it does not play
  #run = 0; // a newer play, seek or stop outruns one that still waits for its stems
  #frame = 0;
  #watch = 0;
  #drawnAt = 0;
  #toldAt = 0;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    const hear = (name, act) => this.addEventListener(name, act, { signal });
    hear("click", (event) => this.#click(event));
    hear("input", ({ target }) => target === this.#part("seek") && this.seek(Number(target.value)));
    hear("keydown", (event) => event.target === this.#part("seek") && this.#key(event));
    hear("lane:changed", ({ target, detail }) => this.#mix(detail.isExclusive ? target : null));
    hear("lane:seek", ({ detail }) => this.seek(detail.share * this.duration_s));
    hear("lane:step", ({ target, detail }) => this.#step(target, detail));
    hear("lane:ended", () => this.#isPlaying && this.#lanes.every((lane) => lane.isOver) && this.stop(0));
    onPlayer(({ isPlaying }) => isPlaying && this.#isWanted && this.stop(), signal);
    document.addEventListener("studio:sound", ({ detail }) => detail.by !== this && this.#isWanted && this.stop(), { signal });
    document.addEventListener("studio:mixer-seek", (event) => this.#asked(event), { signal });
  }

  disconnectedCallback() {
    this.stop();
    this.#leave.abort();
    for (const lane of this.#lanes) lane.close();
    this.#context?.close();
    this.#context = this.#master = this.#meter = null;
  }

  // --- what it shows to others -----------------------------------------------------------------

  /** The Web Audio nodes, once something has played; null before. */
  get graph() {
    if (!this.#context) return null;
    return { context: this.#context, master: this.#master, lanes: this.#lanes.map((lane) => lane.graph).filter(Boolean) };
  }

  /** The rms of what each lane gives to the mix now, by the stem's code. */
  levels() {
    return Object.fromEntries(this.#lanes.map((lane) => [lane.getAttribute("code"), lane.read().rms]));
  }

  get position_s() {
    return this.#isPlaying ? (this.#leader?.position_s ?? this.#position_s) : this.#position_s;
  }

  get duration_s() {
    return Number(this.getAttribute("duration")) || 0;
  }

  // --- playing ---------------------------------------------------------------------------------

  /** Resolves when all stems sound, or when something else has taken over meanwhile. */
  async play(from_s = this.position_s) {
    const run = ++this.#run;
    beginAlone(this);
    this.#open();
    this.#halt(from_s);
    this.#part("toggle").setAttribute("aria-pressed", "true");
    this.#say("Loading the stems…");
    await Promise.all([this.#context.suspend(), ...this.#lanes.map((lane) => lane.prepare(from_s))]);
    if (run !== this.#run) return;
    this.#sayWhatIsLeftOut();
    const begun = await Promise.allSettled(this.#lanes.map((lane) => lane.start(from_s)));
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    if (run !== this.#run) return; // a newer stop or seek has ended these starts
    await this.#context.resume();
    if (run !== this.#run) return;
    const isRefused = begun.some(({ reason }) => reason?.name === "NotAllowedError");
    if (!isRefused && this.#lanes.some((lane) => lane.canPlay)) return this.#begin();
    this.stop();
    if (isRefused) this.#say("The browser wants a click before it plays. Press play once more.");
    else this.#sayWhatIsLeftOut();
  }

  stop(at_s = this.position_s) {
    this.#run += 1;
    this.#halt(at_s);
    this.#part("toggle").setAttribute("aria-pressed", "false");
    for (const lane of this.#lanes) lane.rest?.();
    this.#meter?.clear();
    showPeak(this.#part("peak"), -Infinity);
    this.#say("");
    this.#show();
    this.#tell();
    this.dispatchEvent(new CustomEvent("mixer:stopped", { bubbles: true }));
  }

  seek(to_s) {
    const wanted_s = Math.min(Math.max(0, to_s), Math.max(0, this.duration_s - 0.05));
    if (this.#isWanted) return this.play(wanted_s);
    this.#position_s = wanted_s;
    this.#show();
    this.#tell();
    return Promise.resolve();
  }

  #begin() {
    this.#isPlaying = true;
    this.#watch = setInterval(() => this.#keepTogether(), WATCH_MS);
    this.#frame = requestAnimationFrame((now) => this.#draw(now));
    this.#tell();
    this.dispatchEvent(new CustomEvent("mixer:playing", { bubbles: true }));
  }

  #halt(at_s) {
    this.#isPlaying = false;
    this.#position_s = at_s;
    clearInterval(this.#watch);
    cancelAnimationFrame(this.#frame);
    this.#context?.suspend();
    for (const lane of this.#lanes) lane.stop?.();
  }

  #keepTogether() {
    const running = this.#lanes.filter((lane) => !lane.isOver);
    const at = running.map((lane) => lane.position_s);
    if (Math.max(...at) - Math.min(...at) > DRIFT_S) this.play(Math.min(...at));
  }

  // Nothing is loaded before somebody wants to hear it.
  #open() {
    if (this.#context) return;
    this.#context = new AudioContext({ sampleRate: RATE_HZ });
    this.#master = this.#context.createGain();
    const analyser = new AnalyserNode(this.#context, { fftSize: 2048 });
    this.#master.connect(analyser).connect(this.#context.destination);
    this.#meter = new Meter(this.#part("meter"), analyser);
    for (const lane of this.#lanes) lane.open(this.#context, this.#master);
    this.#mix();
  }

  // --- mixing ----------------------------------------------------------------------------------

  /** `only`: the lane whose solo ends all others. Solos add up; a muted lane stays quiet in any case. */
  #mix(only = null) {
    if (only) for (const lane of this.#lanes) if (lane !== only) lane.setMix({ isSolo: false });
    const hasSolo = this.#lanes.some((lane) => lane.isSolo);
    for (const lane of this.#lanes) lane.setAudible(!lane.isMuted && (lane.isSolo || !hasSolo));
  }

  #reset() {
    for (const lane of this.#lanes) lane.reset();
    this.#mix();
  }

  #step(from, { by, control }) {
    const open = this.#lanes.filter((lane) => !lane.isSilent);
    open[open.indexOf(from) + by]?.querySelector(`[data-lane="${control}"]`)?.focus();
  }

  // --- control and display ---------------------------------------------------------------------

  #click(event) {
    const control = event.target.closest("[data-mixer]")?.dataset.mixer;
    if (control === "toggle") this.#isWanted ? this.stop() : this.play();
    if (control === "reset") this.#reset();
  }

  #key(event) {
    const to_s = seekByKey(event, this.position_s, this.duration_s);
    if (to_s !== null) this.seek(to_s);
  }

  #asked(event) {
    if (!this.#isWanted || event.detail.clip !== this.getAttribute("clip")) return;
    event.preventDefault();
    this.seek(event.detail.position_s);
  }

  #draw(now) {
    this.#frame = requestAnimationFrame((next) => this.#draw(next));
    if (now - this.#drawnAt >= DRAW_EVERY_MS) {
      this.#drawnAt = now;
      for (const lane of this.#lanes) lane.draw(now);
      showPeak(this.#part("peak"), this.#meter.draw(now));
      this.#show();
    }
    if (now - this.#toldAt >= TELL_EVERY_MS) this.#tell();
  }

  #show() {
    const { position_s, duration_s } = this;
    showPosition(this.#part("seek"), this.#part("position"), position_s, duration_s);
    for (const lane of this.#lanes) lane.show?.(duration_s ? position_s / duration_s : 0);
  }

  #tell() {
    this.#toldAt = performance.now();
    const detail = { clip: this.getAttribute("clip"), isPlaying: this.#isPlaying, now: () => this.position_s };
    document.dispatchEvent(new CustomEvent("studio:mixer", { detail }));
  }

  #sayWhatIsLeftOut() {
    const failed = this.#lanes.filter((lane) => lane.hasFailed).map((lane) => lane.getAttribute("name"));
    this.#say(failed.length ? `Left out, because it cannot be loaded: ${failed.join(", ")}.` : "");
  }

  #say(text) {
    this.#part("status").textContent = text;
  }

  /** Whether it plays or is about to. */
  get #isWanted() {
    return this.#part("toggle").getAttribute("aria-pressed") === "true";
  }

  get #leader() {
    return this.#lanes.find((lane) => !lane.isOver);
  }

  get #lanes() {
    return [...this.querySelectorAll("studio-stem-lane")];
  }

  #part(name) {
    return this.querySelector(`[data-mixer="${name}"]`);
  }
}

customElements.define("studio-mixer", StudioMixer);
