// localStorage that never throws: it may be full, or refused by the browser.

export function recall(key, fallback = null) {
  try {
    const kept = localStorage.getItem(`studio.${key}`);
    return kept === null ? fallback : JSON.parse(kept);
  } catch {
    return fallback;
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(`studio.${key}`, JSON.stringify(value));
  } catch {
    // Remembering is a comfort; the page works without it.
  }
}

export function forget(key) {
  try {
    localStorage.removeItem(`studio.${key}`);
  } catch {
    // As above.
  }
}
