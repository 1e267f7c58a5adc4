import { keep, recall } from "studio/memory";

const REPEATS = ["off", "all", "one"];

/** The list of what plays, and where in it we are. Knows nothing of sound or pages. */
export class Queue {
  items = [];
  index = -1;
  repeat = "off";

  static restore() {
    const queue = new Queue();
    const kept = recall("queue");
    if (Array.isArray(kept?.items)) {
      // What was heard ahead of time is gone by now; the finished clip has its own place.
      queue.items = kept.items.filter((item) => item?.clip && item?.src && !item.clip.startsWith("ahead-"));
      queue.index = Math.min(kept.index ?? -1, queue.items.length - 1);
      queue.repeat = REPEATS.includes(kept.repeat) ? kept.repeat : "off";
    }
    return queue;
  }

  get current() {
    return this.items[this.index] ?? null;
  }

  /** Replaces the list by the one the clip was picked from. */
  start(items, clip) {
    this.items = items;
    this.index = Math.max(0, items.findIndex((item) => item.clip === clip));
    this.save();
  }

  /** where: "next" or "end". A clip that waits already is moved, not doubled. */
  add(item, where = "end") {
    const waiting = this.items.findIndex((other, at) => other.clip === item.clip && at > this.index);
    if (waiting >= 0) this.items.splice(waiting, 1);
    this.items.splice(where === "next" ? this.index + 1 : this.items.length, 0, item);
    if (this.index < 0) this.index = 0;
    this.save();
  }

  go(index) {
    this.index = index;
    this.save();
    return this.current;
  }

  /** The item after this one, or null at the end. byItself: the clip ended, nobody pressed next. */
  peek(step, { byItself = false } = {}) {
    if (!this.items.length) return null;
    if (byItself && this.repeat === "one") return this.index;
    const to = this.index + step;
    if (to >= 0 && to < this.items.length) return to;
    return this.repeat === "all" ? (to + this.items.length) % this.items.length : null;
  }

  move(index, step) {
    const to = index + step;
    if (to < 0 || to >= this.items.length) return;
    const [item] = this.items.splice(index, 1);
    this.items.splice(to, 0, item);
    if (this.index === index) this.index = to;
    else if (this.index === to) this.index = index;
    this.save();
  }

  remove(index) {
    this.items.splice(index, 1);
    if (index < this.index) this.index -= 1;
    this.save();
  }

  /** Leaves what plays now. */
  clear() {
    this.items = this.current ? [this.current] : [];
    this.index = this.items.length - 1;
    this.save();
  }

  turnRepeat() {
    this.repeat = REPEATS[(REPEATS.indexOf(this.repeat) + 1) % REPEATS.length];
    this.save();
    return this.repeat;
  }

  save() {
    keep("queue", { items: this.items, index: this.index, repeat: this.repeat });
  }
}
