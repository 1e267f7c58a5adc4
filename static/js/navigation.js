// What a swap of #main does not do by itself: the rail's current entry, focus, scroll, and one page change at a time.
import { command, toast } from "studio/bus";

const STRAY = {
  403: "Your role does not allow that, or the page was open too long. Load it again and retry.",
  404: "That is not there any more. Load the page again.",
  413: "That was more than the studio takes at once. Nothing was stored.",
};
const scrolled = new Map(); // history entry -> scroll of the page and of its pane
let underway = null;
let latest = null; // the page change that was asked for last
let typing = null;
let entry = entryKey();

function entryKey() {
  return window.navigation?.currentEntry?.key ?? location.pathname + location.search;
}

const main = () => document.getElementById("main");
const pane = () => main()?.querySelector(":scope > .main");
const isPageChange = (ctx) => ctx?.target === main();

function markCurrent() {
  const links = [...document.querySelectorAll(".rail-nav .rail-link")];
  const path = location.pathname;
  const fits = (link) => path === link.pathname || path.startsWith(`${link.pathname.replace(/\/$/, "")}/`);
  // The longest fitting address wins; a clip belongs to the library.
  const best = links.filter(fits).sort((a, b) => b.pathname.length - a.pathname.length)[0]
    ?? links.find((link) => main()?.dataset.page === "clip" && link.pathname.includes("library"));
  for (const link of links) {
    if (link === best) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function rememberScroll() {
  scrolled.set(entry, { page: scrollY, stage: main()?.scrollTop ?? 0, pane: pane()?.scrollTop ?? 0 });
}

function scrollTo({ page, stage, pane: inner }) {
  window.scrollTo(0, page);
  main()?.scrollTo(0, stage);
  pane()?.scrollTo(0, inner);
}

// The children of #main are new after a swap, so a reader who was typing in a filter is put back into it.
function rememberTyping() {
  const { activeElement: field } = document;
  typing = field?.id && main().contains(field) && field.matches("input, textarea, select")
    ? { id: field.id, page: main().dataset.page, at: field.selectionStart } : null;
}

function focusPage() {
  const field = typing?.page === main().dataset.page && document.getElementById(typing?.id);
  if (field) {
    field.focus({ preventScroll: true });
    if (typing.at !== null) field.setSelectionRange?.(typing.at, typing.at);
    return;
  }
  if (main().querySelector("[autofocus]:focus")) return;
  const heading = main().querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  (heading ?? main()).focus({ preventScroll: true });
}

// A form that was refused may stand far down its page: what is wrong with it comes before the top.
function showProblem(ctx) {
  const problem = ctx.response.status === 422 && main().querySelector('[aria-invalid="true"], .form-errors, .notice--err[role="alert"]');
  if (!problem) return false;
  problem.closest("details")?.setAttribute("open", "");
  if (!problem.matches("input, textarea, select")) problem.setAttribute("tabindex", "-1");
  problem.focus({ preventScroll: true });
  problem.scrollIntoView({ block: "center" });
  return true;
}

function arrived(ctx) {
  const isBack = Boolean(ctx.request?.headers?.["HX-History-Restore-Request"]);
  entry = entryKey();
  delete document.body.dataset.drawer;
  if (document.querySelector(".player[data-expanded]")) command("fold");
  markCurrent();
  if (showProblem(ctx)) return;
  focusPage();
  scrollTo((isBack && scrolled.get(entry)) || { page: 0, stage: 0, pane: 0 });
}

// A whole page where a fragment was asked for: an error, or the sign-in page. It must not land inside a card.
function refuseStrayPage(event, ctx) {
  if (ctx.select || !/<html[\s>]/i.test(ctx.text)) return;
  event.preventDefault();
  if (ctx.response.status < 400) location.reload();
  else toast(STRAY[ctx.response.status] ?? `The studio could not do that (${ctx.response.status}). Nothing was changed; try again.`, "err");
}

document.addEventListener("scroll", rememberScroll, { capture: true, passive: true });

// Boosting sets what else is swapped for every link; a link that names more of its own means both.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const own = isPageChange(ctx) && ctx.sourceElement.getAttribute("hx-select-oob");
  if (own) ctx.selectOOB = [ctx.selectOOB, own].filter(Boolean).join(",");
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (!isPageChange(ctx)) return;
  // What htmx restores on back and forward has no abort of its own; its answer is passed over below.
  underway?.request.abort?.();
  underway = latest = ctx;
  document.documentElement.setAttribute("data-navigating", "");
});

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!isPageChange(ctx)) return refuseStrayPage(event, ctx);
  if (ctx !== latest) return event.preventDefault();
  rememberTyping();
  // Signed out meanwhile, or an answer without a page in it: the whole document has to change.
  const frame = /<body[^>]* data-frame="(\w+)"/.exec(ctx.text)?.[1];
  if (frame === document.body.dataset.frame) return;
  event.preventDefault();
  location.assign(ctx.request.method === "GET" || ctx.response.raw.redirected ? ctx.response.raw.url : location.href);
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (isPageChange(ctx)) arrived(ctx);
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx !== underway) return;
  underway = null;
  document.documentElement.removeAttribute("data-navigating");
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  // A poller asks again by itself; only what a person did deserves a word.
  if (isPageChange(ctx) || (ctx && ctx.request.method !== "GET")) toast("The studio did not answer. Check the connection and try again.", "err");
});

markCurrent();
