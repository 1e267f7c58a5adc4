// What the player shows of the clip it holds.

const REPEAT_LABELS = { off: "Repeat", all: "Repeat: the whole queue", one: "Repeat: this clip" };

export function drawItem(player, item) {
  if (!item) return;
  const title = player.querySelector(".player-title");
  title.textContent = item.title;
  if (item.href) title.href = item.href;
  else title.removeAttribute("href");
  player.querySelector(".player-artist").textContent = item.artist || "";
  const image = player.querySelector(".cover img");
  image.hidden = !item.cover;
  if (item.cover && image.getAttribute("src") !== item.cover) image.src = item.cover;
}

export function drawRepeat(button, repeat) {
  button.setAttribute("aria-pressed", String(repeat !== "off"));
  button.setAttribute("aria-label", REPEAT_LABELS[repeat]);
  button.toggleAttribute("data-one", repeat === "one");
}
