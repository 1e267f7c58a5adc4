"""A provider on 127.0.0.1 that can misbehave in every way a real connection can."""

import contextlib
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Heard:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Loopback:
    url: str
    heard: list[Heard] = field(default_factory=list)


# A reply gets the number of requests before this one and returns raw bytes to send, then the line is cut.
Reply = Callable[[Heard, int], bytes | None]


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A complete answer; a header given as an empty string is left out."""
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"HTTP/1.1 {status} Answer\r\n{head}\r\n".encode() + body


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        method, target, _ = self.rfile.readline().decode().split(" ", 2)
        headers = {}
        while line := self.rfile.readline().strip():
            name, value = line.decode().split(": ", 1)
            headers[name.lower()] = value
        body = self.rfile.read(int(headers.get("content-length", 0)))
        server: _Server = self.server  # type: ignore[assignment]
        before = len(server.loopback.heard)
        server.loopback.heard.append(Heard(method, target, headers, body))
        reply = server.reply(server.loopback.heard[-1], before)
        if reply is None:  # say nothing until the client has given up
            server.closing.wait(20)
        else:
            self.wfile.write(reply)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    reply: Reply
    loopback: Loopback
    closing: threading.Event


@contextlib.contextmanager
def provider(reply: Reply) -> Iterator[Loopback]:
    """Serve `reply` on a free port until the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.reply, server.closing = reply, threading.Event()
        server.loopback = Loopback(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.loopback
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
