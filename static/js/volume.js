// Loudness of the one audio element, remembered on this machine.
import { keep, recall } from "studio/memory";

const STEP = 0.05;

export class Volume {
  #audio;
  #slider;
  #button;

  constructor(audio, slider, button, signal) {
    this.#audio = audio;
    this.#slider = slider;
    this.#button = button;
    slider.addEventListener("input", () => this.set(slider.value / 100), { signal });
    this.set(recall("volume", 1), recall("muted", false));
  }

  nudge(steps) {
    this.set(this.#audio.volume + steps * STEP);
  }

  toggleMute() {
    this.set(this.#audio.volume, !this.#audio.muted);
  }

  set(volume, isMuted = false) {
    this.#audio.volume = Math.min(1, Math.max(0, volume));
    this.#audio.muted = isMuted;
    keep("volume", this.#audio.volume);
    keep("muted", isMuted);
    this.#show(isMuted);
  }

  #show(isMuted) {
    const icon = this.#button.querySelector("use");
    icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, isMuted ? "#volume-x" : "#volume-2"));
    this.#button.setAttribute("aria-pressed", String(isMuted));
    this.#slider.value = Math.round((isMuted ? 0 : this.#audio.volume) * 100);
    this.#slider.style.setProperty("--share", `${this.#slider.value}%`);
  }
}
