// What the system's own controls (lock screen, headset, media keys) show and do.
import { command, onPlayer } from "studio/bus";

const SKIP_S = 10;
const session = navigator.mediaSession;

function describe(clip) {
  const artwork = clip.cover ? [{ src: new URL(clip.cover, location.href).href, sizes: "512x512" }] : [];
  session.metadata = new MediaMetadata({ title: clip.title, artist: clip.artist || "Ostinato", artwork });
}

function listen() {
  const acts = {
    play: () => command("resume"),
    pause: () => command("pause"),
    stop: () => command("pause"),
    previoustrack: () => command("previous"),
    nexttrack: () => command("next"),
    seekto: ({ seekTime }) => command("seek", { position_s: seekTime }),
    seekbackward: ({ seekOffset }) => command("skip", { by_s: -(seekOffset || SKIP_S) }),
    seekforward: ({ seekOffset }) => command("skip", { by_s: seekOffset || SKIP_S }),
  };
  for (const [name, act] of Object.entries(acts)) {
    try {
      session.setActionHandler(name, act);
    } catch {
      // An action this browser does not know.
    }
  }
}

if (session) {
  let described = null;
  let positioned = "";
  listen();
  onPlayer(({ clip, isPlaying, position_s, duration_s }) => {
    if (clip && clip !== described) describe((described = clip));
    session.playbackState = clip ? (isPlaying ? "playing" : "paused") : "none";
    // Once a second is enough: the system counts on by itself.
    const now = `${Math.floor(position_s)} ${duration_s} ${isPlaying}`;
    if (!duration_s || now === positioned) return;
    positioned = now;
    session.setPositionState?.({ duration: duration_s, position: Math.min(position_s, duration_s), playbackRate: 1 });
  });
}
