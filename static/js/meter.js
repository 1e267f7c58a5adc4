// A level meter: what an analyser hears, drawn on an element as --level and --peak (shares of -60 … 0 dB).

const FLOOR_DB = -60;
const HOLD_MS = 1000;
const FALL_DB_PER_S = 24;

export const toDb = (level) => (level > 0 ? 20 * Math.log10(level) : -Infinity);
const share = (db) => Math.min(1, Math.max(0, 1 - db / FLOOR_DB));

export class Meter {
  #element;
  #analyser;
  #samples;
  #shown_db = FLOOR_DB;
  #peak_db = -Infinity;
  #peakAt = 0;
  #drawnAt = 0;

  constructor(element, analyser) {
    this.#element = element;
    this.#analyser = analyser;
    this.#samples = new Float32Array(analyser.fftSize);
  }

  /** What sounds now: rms and the highest sample, 1 being full scale. */
  read() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    let peak = 0;
    for (const sample of this.#samples) {
      sum += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    return { rms: Math.sqrt(sum / this.#samples.length), peak };
  }

  /** Draws at the time `now` (in ms) and returns the held peak in dB. */
  draw(now) {
    const { rms, peak } = this.read();
    const fall_db = ((now - this.#drawnAt) / 1000) * FALL_DB_PER_S;
    this.#shown_db = Math.max(toDb(rms), this.#shown_db - fall_db, FLOOR_DB);
    this.#drawnAt = now;
    const peak_db = toDb(peak);
    if (peak_db >= this.#peak_db || now - this.#peakAt > HOLD_MS) {
      this.#peak_db = peak_db;
      this.#peakAt = now;
    }
    this.#element.style.setProperty("--level", share(this.#shown_db).toFixed(3));
    this.#element.style.setProperty("--peak", share(this.#peak_db).toFixed(3));
    return this.#peak_db;
  }

  clear() {
    this.#shown_db = FLOOR_DB;
    this.#peak_db = -Infinity;
    this.#element.style.setProperty("--level", "0");
    this.#element.style.setProperty("--peak", "0");
  }
}
