// Sending: drafts that keep themselves, forms that go once, Ctrl+Enter.

const DRAFT_AFTER_MS = 2000;
// A hand that presses twice means one song, however fast the first answer comes home.
const REST_AFTER_ANSWER_MS = 1000;
const waiting = new WeakMap();

function token(form) {
  return form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

async function saveDraft(form) {
  const note = form.querySelector("[data-draft-state]");
  try {
    const answer = await fetch(form.dataset.draftUrl, {
      method: "POST", body: new FormData(form), credentials: "same-origin",
      headers: { "X-CSRFToken": token(form), "HX-Request": "true" },
    });
    if (note) note.textContent = answer.ok ? "Draft saved" : "Draft not saved";
  } catch {
    if (note) note.textContent = "Draft not saved: no connection";
  }
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!form?.dataset.draftUrl) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => (waiting.delete(form), form.isConnected && saveDraft(form)), DRAFT_AFTER_MS));
});

// Another operation takes this form away: what was written goes to its draft first.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const form = ctx.target;
  if (!waiting.has(form) || ctx.request.method !== "GET") return;
  clearTimeout(waiting.get(form));
  saveDraft(form);
});

function setSending(form, isSending) {
  form.toggleAttribute("data-sending", isSending);
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    button.classList.toggle("is-busy", isSending && button === form.querySelector(".btn--primary"));
    button.setAttribute("aria-disabled", String(isSending));
  }
}

// Captured before htmx sees it. The buttons stay enabled: a disabled submitter would not be sent along.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.hasAttribute("data-sending")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  setSending(form, true);
}, true);

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = ctx.request?.form ?? ctx.sourceElement?.closest?.("form");
  if (form?.matches("[data-once]")) setTimeout(() => setSending(form, false), REST_AFTER_ANSWER_MS);
});
// Back from a page that a plain post led to: the browser shows the form as it was left, in mid-send.
addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach((form) => setSending(form, false)));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.form ?? event.target.closest?.("form");
  if (!form?.matches("[data-submit-keys]")) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector(".btn--primary:not(:disabled)") ?? undefined);
});

document.addEventListener("submit", ({ target }) => {
  // The next person at this machine shall not find the last one's queue.
  if (target.matches("[data-sign-out]")) for (const key of ["queue", "position_s"]) localStorage.removeItem(`studio.${key}`);
});
