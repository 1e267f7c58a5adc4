// <studio-player>: the one <audio>, its queue and its controls. Others ask through studio:command and hear studio:player.
import { announce, clock, command, toast } from "studio/bus";
import { keep, recall } from "studio/memory";
import { drawItem, drawRepeat } from "studio/player-face";
import { Queue } from "studio/queue";
import { Volume } from "studio/volume";
import "studio/queue-panel";

const TICK_MS = 100;
const KEEP_POSITION_EVERY_S = 5;
const PRELOAD_BEFORE_END_S = 20;
const BACK_TO_START_AFTER_S = 3;
const GOOD_FOR_S = 5; // after playing this long past an error, the next error may be mended again

class StudioPlayer extends HTMLElement {
  #audio;
  #queue;
  #volume;
  #ticker = 0;
  #leave = new AbortController();
  #isWanted = false; // somebody pressed play; a failed element itself forgets that
  #mended_at_s = null;
  #keptPosition_s = 0;
  #nextUp = null;

  connectedCallback() {
    const { signal } = this.#leave;
    this.#audio = this.querySelector("audio");
    this.#queue = Queue.restore();
    document.addEventListener("studio:command", (event) => this.#obey(event.detail), { signal });
    this.addEventListener("click", (event) => this.#click(event), { signal });
    this.addEventListener("queue:changed", () => this.#draw(), { signal });
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.#fold(), { signal });
    for (const name of ["play", "pause", "timeupdate", "seeked", "durationchange", "ended", "error"]) {
      this.#audio.addEventListener(name, () => this.#heard(name), { signal });
    }
    addEventListener("pagehide", () => this.#keepPosition(), { signal });
    this.#volume = new Volume(this.#audio, this.#part("volume"), this.#part("mute"), signal);
    this.#restore();
  }

  disconnectedCallback() {
    this.#leave.abort();
    clearInterval(this.#ticker);
    this.#audio.pause();
  }

  // --- what others may ask -----------------------------------------------------------------

  #obey({ name, ...detail }) {
    const acts = {
      play: () => this.#startList(detail),
      toggle: () => (this.#audio.paused ? this.#resume() : this.#audio.pause()),
      resume: () => this.#resume(),
      pause: () => this.#audio.pause(),
      seek: () => this.#seek(detail.position_s, detail.andPlay),
      skip: () => this.#seek(this.#audio.currentTime + detail.by_s),
      next: () => this.#step(1),
      previous: () => this.#previous(),
      go: () => this.#load(this.#queue.go(detail.index), { andPlay: true }),
      enqueue: () => this.#enqueue(detail),
      louder: () => this.#volume.nudge(detail.steps),
      mute: () => this.#volume.toggleMute(),
      repeat: () => (this.#queue.turnRepeat(), this.#draw()),
      queue: () => this.#showQueue(this.#panel.hidden),
      expand: () => this.#expand(),
      fold: () => this.#fold(),
    };
    acts[name]?.();
  }

  #click(event) {
    const control = event.target.closest("[data-player]");
    if (control && control.tagName === "BUTTON") command(control.dataset.player);
  }

  // --- playing -----------------------------------------------------------------------------

  #startList({ items, clip, position_s }) {
    this.#queue.start(items, clip);
    this.#load(this.#queue.current, { andPlay: true, position_s });
  }

  #load(item, { andPlay = false, position_s = 0 } = {}) {
    if (!item) return;
    this.#mended_at_s = null;
    this.#nextUp = null;
    this.#keptPosition_s = position_s;
    this.#audio.src = item.src;
    if (position_s) this.#audio.currentTime = position_s; // before metadata this is where playing will begin
    if (andPlay) this.#resume();
    this.#draw();
    this.#tell();
  }

  #resume() {
    if (!this.#queue.current) return;
    if (this.#audio.error) return this.#load(this.#queue.current, { andPlay: true, position_s: this.#keptPosition_s });
    this.#isWanted = true;
    this.#audio.play().catch((error) => {
      // A newer load cancels the older play(); media errors arrive as events of their own.
      if (error.name === "NotAllowedError") toast("The browser wants a click before it plays. Press play once more.", "work");
    });
  }

  #seek(position_s, andPlay = false) {
    const end_s = this.#duration_s;
    if (!this.#queue.current || !end_s) return;
    this.#audio.currentTime = Math.min(Math.max(0, position_s), Math.max(0, end_s - 0.05));
    if (andPlay) this.#resume();
    this.#tell();
  }

  #step(by, options) {
    const to = this.#queue.peek(by, options);
    if (to !== null) this.#load(this.#queue.go(to), { andPlay: true });
  }

  #previous() {
    const isFirst = this.#queue.peek(-1) === null;
    if (isFirst || this.#audio.currentTime > BACK_TO_START_AFTER_S) this.#seek(0);
    else this.#step(-1);
  }

  #enqueue({ item, where }) {
    const wasEmpty = !this.#queue.current;
    this.#queue.add(item, where);
    if (wasEmpty) this.#load(this.#queue.current);
    this.#draw();
  }

  #restore() {
    const position_s = recall("position_s", 0);
    if (this.#queue.current) this.#load(this.#queue.current, { position_s });
    else this.#draw();
  }

  // --- what the audio says -----------------------------------------------------------------

  #heard(name) {
    if (name === "error") return this.#mend();
    if (name === "pause" && !this.#audio.error) this.#isWanted = false;
    if (name === "ended") this.#end();
    if (name === "play" || name === "pause") this.#beat();
    if (name === "timeupdate") this.#lookAhead();
    this.#tell();
  }

  #end() {
    const detail = { clip: this.#queue.current?.clip ?? "", position_s: this.#audio.currentTime };
    this.#step(1, { byItself: true });
    document.dispatchEvent(new CustomEvent("studio:ended", { detail }));
  }

  // timeupdate comes four times a second at best; a playhead wants to glide.
  #beat() {
    clearInterval(this.#ticker);
    if (!this.#audio.paused) this.#ticker = setInterval(() => document.hidden || this.#tell(), TICK_MS);
    this.#keepPosition();
  }

  #lookAhead() {
    const at_s = this.#audio.currentTime;
    if (Math.abs(at_s - this.#keptPosition_s) > KEEP_POSITION_EVERY_S) this.#keepPosition();
    if (this.#mended_at_s !== null && at_s > this.#mended_at_s + GOOD_FOR_S) this.#mended_at_s = null;
    const next = this.#queue.items[this.#queue.peek(1, { byItself: true }) ?? -1];
    if (!next || this.#nextUp || this.#duration_s - at_s > PRELOAD_BEFORE_END_S) return;
    // Never played: it only brings the next clip into the browser's cache.
    this.#nextUp = Object.assign(new Audio(), { preload: "auto", src: next.src });
  }

  // A presigned address expires under a long-lived element, a connection drops: the same src once more, at the same place.
  #mend() {
    const item = this.#queue.current;
    if (!item || !this.#audio.getAttribute("src")) return;
    const at_s = this.#audio.currentTime || this.#keptPosition_s;
    const isWanted = this.#isWanted;
    if (this.#mended_at_s === null) {
      this.#load(item, { andPlay: isWanted, position_s: at_s });
      this.#mended_at_s = at_s;
      return;
    }
    this.#audio.pause();
    this.#isWanted = false;
    this.#tell();
    if (isWanted) toast(`“${item.title}” cannot be played right now. Check the connection and press play again.`, "err");
    this.#mended_at_s = null;
  }

  #keepPosition() {
    this.#keptPosition_s = this.#audio.currentTime;
    keep("position_s", this.#keptPosition_s);
  }

  // --- showing -----------------------------------------------------------------------------

  get #duration_s() {
    return Number.isFinite(this.#audio.duration) ? this.#audio.duration : (this.#queue.current?.duration_s ?? 0);
  }

  #tell() {
    const isPlaying = !this.#audio.paused && !this.#audio.ended;
    const position_s = this.#audio.currentTime;
    this.toggleAttribute("data-playing", isPlaying);
    this.#part("toggle").setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    this.#part("position").textContent = clock(position_s);
    this.#part("duration").textContent = clock(this.#duration_s);
    this.style.setProperty("--progress", this.#duration_s ? position_s / this.#duration_s : 0);
    announce({ clip: this.#queue.current, isPlaying, position_s, duration_s: this.#duration_s, now: () => this.#audio.currentTime });
  }

  #draw() {
    const item = this.#queue.current;
    this.toggleAttribute("data-idle", !item);
    this.#part("toggle").disabled = !item;
    this.#part("next").disabled = this.#queue.peek(1) === null;
    this.#part("previous").disabled = !item;
    drawItem(this, item);
    drawRepeat(this.#part("repeat"), this.#queue.repeat);
    this.#panel.dispatchEvent(new CustomEvent("queue:draw", { detail: this.#queue }));
  }

  #showQueue(isOpen) {
    this.#panel.hidden = !isOpen;
    this.#part("queue").setAttribute("aria-expanded", String(isOpen));
    this.#part("queue").setAttribute("aria-pressed", String(isOpen));
    if (isOpen) this.#panel.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }

  #expand() {
    this.setAttribute("data-expanded", "");
    this.#part("expand").setAttribute("aria-expanded", "true");
    this.#part("fold").focus();
  }

  #fold() {
    if (this.#panel.contains(document.activeElement)) this.#part("queue").focus();
    this.#showQueue(false);
    if (!this.hasAttribute("data-expanded")) return;
    this.removeAttribute("data-expanded");
    this.#part("expand").setAttribute("aria-expanded", "false");
    this.#part("expand").focus();
  }

  get #panel() {
    return this.querySelector("#queue");
  }

  #part(name) {
    return this.querySelector(`[data-player="${name}"]`);
  }
}

customElements.define("studio-player", StudioPlayer);
