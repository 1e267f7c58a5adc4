// <studio-upload action field>: brings a recording as a file, from the microphone or from an address. The server
// answers with the whole picker, in which the new recording is chosen.
import { toast } from "studio/bus";
import { openCreate } from "studio/panes";

const TRIES = 3;
const RETRY_AFTER_MS = 1500;
const LONGEST_MS = 8 * 60 * 1000;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

class StudioUpload extends HTMLElement {
  #abort = null;
  #request = null;
  #recorder = null;
  #meter = null;

  connectedCallback() {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.addEventListener("click", (event) => this.#press(event.target.closest("[data-upload]")?.dataset.upload), { signal });
    this.#file.addEventListener("change", () => this.#file.files[0] && this.send({ file: this.#file.files[0] }), { signal });
    this.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault(), { signal });
    this.addEventListener("drop", (event) => this.#drop(event), { signal });
    this.querySelector("input[type=url]").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#press("fetch");
    }, { signal });
  }

  disconnectedCallback() {
    this.#abort?.abort();
    this.#request?.abort();
    this.#stop(true);
  }

  get #file() { return this.querySelector("input[type=file]"); }

  #press(what) {
    const address = this.querySelector("[data-upload-address]");
    if (what === "file") this.#file.click();
    if (what === "record") this.#recorder ? this.#stop() : this.#record();
    if (what === "address") {
      address.hidden = !address.hidden;
      if (!address.hidden) address.querySelector("input").focus();
    }
    const url = address.querySelector("input").value.trim();
    if (what === "fetch" && url) this.send({ url });
  }

  #drop(event) {
    const file = event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    this.send({ file });
  }

  /** Sends a file or an address; a connection that breaks is tried again. */
  send(given, attempt = 1) {
    this.#request?.abort();
    this.#say(given.url ? "Fetching it …" : "Sending …", 0);
    const form = new FormData();
    form.set("field", this.getAttribute("field"));
    if (given.url) form.set("url", given.url);
    else form.set("file", given.file, given.file.name || "Recording");
    const request = this.#request = new XMLHttpRequest();
    request.open("POST", this.getAttribute("action"));
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", this.closest("form")?.elements.csrfmiddlewaretoken?.value ?? "");
    request.upload.onprogress = (event) => this.#say(this.#share(event), event.loaded / event.total);
    request.upload.onload = () => this.#say(given.url ? "Fetching it …" : "Listening to it …");
    request.onload = () => this.#answered(request);
    request.onerror = () => {
      if (attempt >= TRIES) return this.#refuse("The connection broke off. Nothing is lost: send it again.");
      this.#say(`The connection broke off. Trying again (${attempt + 1} of ${TRIES}) …`);
      setTimeout(() => this.isConnected && this.send(given, attempt + 1), RETRY_AFTER_MS * attempt);
    };
    request.send(form);
  }

  #share({ loaded, total }) {
    return `${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`;
  }

  #answered(request) {
    if (request.status === 422) return this.#refuse(request.responseText);
    if (request.status === 413) return this.#refuse("The file is larger than the studio takes. Send an MP3 or a shorter one.");
    if (request.status !== 200) return this.#refuse("The studio could not take it. Try again, or reload the page.");
    const picker = this.closest("[data-recordings]");
    const id = picker.id;
    const fresh = document.createRange().createContextualFragment(request.responseText).firstElementChild;
    picker.replaceWith(fresh);
    window.htmx?.process(fresh);
    document.querySelector(`#${CSS.escape(id)} select`)?.dispatchEvent(new Event("change", { bubbles: true }));
    toast("The recording is here.", "ok");
  }

  async #record() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false } });
    } catch {
      return this.#refuse("The microphone cannot be used. Allow it in the browser, or send a file.");
    }
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = this.#recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    const pieces = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      if (recorder.isDropped) return;
      const name = `Recording ${new Date().toISOString().slice(0, 16).replace("T", " ")}`;
      this.send({ file: new File(pieces, `${name}.webm`, { type: recorder.mimeType }) });
    };
    recorder.start(1000);
    this.#watchLevel(stream);
    this.#label("Stop");
  }

  #stop(isDropped = false) {
    const recorder = this.#recorder;
    if (!recorder) return;
    this.#recorder = null;
    recorder.isDropped = isDropped;
    if (recorder.state !== "inactive") recorder.stop();
    cancelAnimationFrame(this.#meter.frame);
    this.#meter.context.close();
    this.#meter = null;
    this.querySelector("meter").hidden = true;
    this.#label("Record");
  }

  /** Shows how loud the microphone is and how long it has run. */
  #watchLevel(stream) {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const meter = this.querySelector("meter");
    const began_ms = performance.now();
    this.#meter = { context, frame: 0 };
    meter.hidden = false;
    const draw = () => {
      const lasts_ms = performance.now() - began_ms;
      if (lasts_ms > LONGEST_MS) return this.#stop();
      analyser.getFloatTimeDomainData(samples);
      meter.value = Math.min(1, samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
      this.#say(`Recording ${Math.floor(lasts_ms / 60000)}:${String(Math.floor(lasts_ms / 1000) % 60).padStart(2, "0")}`, null);
      this.#meter.frame = requestAnimationFrame(draw);
    };
    draw();
  }

  #label(text) { this.querySelector("[data-record-label]").textContent = text; }

  /** share: 0 to 1, undefined when nobody knows, null for no bar at all */
  #say(text, share) {
    const state = this.querySelector(".upload-state");
    const bar = state.querySelector("progress");
    state.hidden = false;
    bar.hidden = share === null;
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = share ?? 0;
    const words = state.querySelector("[role=status]");
    if (words.textContent !== text) words.textContent = text;
    this.querySelector(".error").hidden = true;
  }

  #refuse(text) {
    this.querySelector(".upload-state").hidden = true;
    const error = this.querySelector(".error");
    error.textContent = text;
    error.hidden = false;
    this.#file.value = "";
  }
}

customElements.define("studio-upload", StudioUpload);

// A file that is dropped anywhere goes to the picker that is open, or opens one.
const PICKER = "#create-panel studio-upload";
const isFile = (event) => event.dataTransfer?.types.includes("Files") && !event.target.closest?.("input[type=file]");

async function openFor(file) {
  const panel = document.querySelector("#create-panel");
  if (!panel) return;
  await window.htmx.ajax("GET", `${panel.dataset.opensWith}?operation=sonic.upload`, { target: "#create-panel", swap: "outerHTML" });
  const picker = document.querySelector(PICKER);
  if (!picker) return toast("Your role in this team does not bring recordings. Ask an admin of the team.", "err");
  show();
  picker.send({ file });
}

/** Where the page has no panel beside it, the page that has one comes; the panel lives through that. */
const show = () => openCreate() || document.querySelector(".rail-nav .rail-link[href*=create]")?.click();

document.addEventListener("dragover", (event) => isFile(event) && event.preventDefault());
document.addEventListener("drop", (event) => {
  if (!isFile(event)) return;
  event.preventDefault();
  const file = event.dataTransfer.files[0];
  const picker = document.querySelector(PICKER);
  if (!file) return;
  if (!picker) return openFor(file);
  show();
  picker.send({ file });
});
