// <studio-stem-lane code name src peaks silent>: one stem with its fader, mute and solo. A <studio-mixer> around it plays it.
//   Says lane:changed when what is heard of it changes, lane:seek { share } and lane:step { by, control } for the mixer.
import { Meter } from "studio/meter";
import { StemWave } from "studio/stem-wave";

const FLOOR_DB = -60; // silence
const TOP_DB = 6;
const GLIDE_S = 0.01; // no click when a gain changes
const LOAD_LIMIT_MS = 20_000;
const HERE_S = 0.002; // closer than this a stem need not be sought again
const FFT = 2048;

class StudioStemLane extends HTMLElement {
  #leave = null;
  #audio = null;
  #nodes = null;
  #wave = null;
  #meter = null;
  #level_db = 0;
  #isAudible = true;
  isMuted = false;
  isSolo = false;
  hasFailed = false;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.#wave = new StemWave(this.#part("wave"), this.getAttribute("peaks"), signal);
    this.addEventListener("click", (event) => this.#click(event), { signal });
    this.addEventListener("input", (event) => this.#input(event), { signal });
    this.addEventListener("dblclick", (event) => event.target === this.#part("fader") && this.setLevel(0), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.addEventListener("focusout", () => (this.#part("number").value = this.#level_db), { signal });
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.close();
  }

  get isSilent() {
    return this.hasAttribute("silent");
  }

  // --- what the mixer does with it -----------------------------------------------------------

  /** Joins the mixer's graph: media element, fader, gate (mute and solo), analyser, then `output`. */
  open(context, output) {
    if (this.#nodes || this.isSilent) return;
    this.#audio = Object.assign(new Audio(), { preload: "auto", src: this.getAttribute("src") });
    this.#nodes = {
      source: context.createMediaElementSource(this.#audio),
      fader: context.createGain(),
      gate: context.createGain(),
      analyser: new AnalyserNode(context, { fftSize: FFT }),
    };
    const { source, fader, gate, analyser } = this.#nodes;
    source.connect(fader).connect(gate).connect(analyser).connect(output);
    this.#meter = new Meter(this.#part("meter"), analyser);
    this.#audio.addEventListener("ended", () => this.#say("lane:ended"));
    this.#setGain(0);
  }

  close() {
    this.#audio?.pause();
    this.#audio?.removeAttribute("src");
    this.#audio?.load(); // lets go of what it has loaded
    for (const node of Object.values(this.#nodes ?? {})) node.disconnect();
    this.#audio = this.#nodes = this.#meter = null;
  }

  get graph() {
    return this.#nodes && { code: this.getAttribute("code"), part: this.dataset.part, ...this.#nodes };
  }

  get canPlay() {
    return Boolean(this.#audio) && !this.hasFailed;
  }

  get isOver() {
    return !this.canPlay || this.#audio.ended;
  }

  get position_s() {
    return this.#audio?.currentTime ?? 0;
  }

  // In an MP3 of variable bit rate a browser only guesses where a moment is; stems come in a constant one, or as FLAC or WAV.
  /** Waits, paused, at a position until playing can begin there. A stem that cannot be loaded is left out. */
  async prepare(position_s) {
    const audio = this.#audio;
    if (!this.canPlay) return;
    audio.pause();
    if (Math.abs(audio.currentTime - position_s) > HERE_S) audio.currentTime = position_s;
    const isThere = () => audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA && !audio.seeking;
    const isAtEnd = () => !audio.seeking && audio.ended;
    await new Promise((resolve) => {
      const settled = new AbortController();
      const timer = setTimeout(() => done(true), LOAD_LIMIT_MS);
      const done = (hasFailed) => {
        clearTimeout(timer);
        settled.abort();
        this.hasFailed = hasFailed;
        resolve();
      };
      const look = () => (audio.error ? done(true) : (isThere() || isAtEnd()) && done(false));
      for (const name of ["canplay", "seeked", "error", "ended"]) audio.addEventListener(name, look, { signal: settled.signal });
      look();
    });
    this.toggleAttribute("data-failed", this.hasFailed);
  }

  /** Begins at the position that was prepared; a stem that is shorter than that stays quiet. */
  start(position_s) {
    if (this.isOver || position_s >= this.#audio.duration) return Promise.resolve();
    return this.#audio.play();
  }

  stop() {
    this.#audio?.pause();
  }

  setAudible(isAudible) {
    this.#isAudible = isAudible;
    this.toggleAttribute("data-muted", !isAudible);
    this.#setGain();
  }

  show(share) {
    this.#wave.show(share);
  }

  draw(now) {
    this.#meter?.draw(now);
  }

  read() {
    return this.#meter?.read() ?? { rms: 0, peak: 0 };
  }

  rest() {
    this.#meter?.clear();
  }

  // --- level, mute, solo -----------------------------------------------------------------------

  get level_db() {
    return this.#level_db;
  }

  setLevel(level_db) {
    this.#level_db = Math.round(Math.min(TOP_DB, Math.max(FLOOR_DB, Number(level_db) || 0)) * 10) / 10;
    const fader = this.#part("fader");
    fader.value = this.#level_db;
    fader.style.setProperty("--share", `${((this.#level_db - FLOOR_DB) / (TOP_DB - FLOOR_DB)) * 100}%`);
    fader.setAttribute("aria-valuetext", this.#level_db <= FLOOR_DB ? "silent" : `${this.#level_db} dB`);
    if (document.activeElement !== this.#part("number")) this.#part("number").value = this.#level_db;
    this.#setGain();
  }

  setMix({ isMuted = this.isMuted, isSolo = this.isSolo }) {
    this.isMuted = isMuted;
    this.isSolo = isSolo;
    this.#part("mute").setAttribute("aria-pressed", String(isMuted));
    this.#part("solo").setAttribute("aria-pressed", String(isSolo));
  }

  reset() {
    this.setMix({ isMuted: false, isSolo: false });
    this.setLevel(0);
  }

  #setGain(glide_s = GLIDE_S) {
    if (!this.#nodes) return;
    const { fader, gate } = this.#nodes;
    const gain = this.#level_db <= FLOOR_DB ? 0 : 10 ** (this.#level_db / 20);
    for (const [node, value] of [[fader, gain], [gate, Number(this.#isAudible)]]) {
      if (glide_s) node.gain.setTargetAtTime(value, node.context.currentTime, glide_s);
      else node.gain.value = value;
    }
  }

  #toggle(control, isExclusive = false) {
    if (this.isSilent) return;
    this.setMix(control === "mute" ? { isMuted: !this.isMuted } : { isSolo: isExclusive || !this.isSolo });
    this.#say("lane:changed", { isExclusive: isExclusive && control === "solo" });
  }

  #click(event) {
    const control = event.target.closest("[data-lane]")?.dataset.lane;
    if (control === "mute" || control === "solo") this.#toggle(control, event.altKey);
    if (control === "wave") this.#say("lane:seek", { share: event.offsetX / this.#part("wave").clientWidth });
  }

  #input({ target }) {
    if (target.matches("[data-lane=fader]") || (target.matches("[data-lane=number]") && target.value !== "")) {
      this.setLevel(target.value);
    }
  }

  // code, not key: with Alt held some keyboards write other letters.
  #key(event) {
    if (event.ctrlKey || event.metaKey) return;
    const isNumber = event.target === this.#part("number");
    const acts = { KeyM: () => this.#toggle("mute"), KeyS: () => this.#toggle("solo", event.altKey) };
    if (!isNumber) {
      Object.assign(acts, {
        ArrowUp: () => this.#step(-1, event.target), ArrowDown: () => this.#step(1, event.target),
        ArrowLeft: () => this.setLevel(this.#level_db - 1), ArrowRight: () => this.setLevel(this.#level_db + 1),
      });
    }
    const act = acts[event.code];
    if (!act || this.isSilent) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #step(by, from) {
    this.#say("lane:step", { by, control: from.closest("[data-lane]")?.dataset.lane ?? "fader" });
  }

  #say(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }

  #part(name) {
    return this.querySelector(`[data-lane="${name}"]`);
  }
}

customElements.define("studio-stem-lane", StudioStemLane);
