"""What a first visit costs on the wire: /create and everything that it makes a browser fetch, compressed."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from tests.bench.served import Answer, Server, data_folder

ACCEPTED = {"Accept-Encoding": "br, gzip"}
_IN_HTML = re.compile(r'<(?:link|script|img|use|source)\b[^>]*?\s(?:href|src)="([^"#]+)')
_IN_CSS = re.compile(r"""url\(["']?([^"')#]+)["']?\)|@import\s+["']([^"']+)["']""")
_IN_JS = re.compile(r"""(?:from|import)\s*["']([^"']+)["']""")
_IMPORT_MAP = re.compile(r'<script type="importmap"[^>]*>(.*?)</script>', re.DOTALL)


class Visit:
    """Follows what a browser would follow; each address once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._modules: dict[str, str] = {}
        self.fetched: dict[str, Answer] = {}

    def open(self, path: str) -> None:
        page = self._fetch(path)
        text = page.body.decode()
        if found := _IMPORT_MAP.search(text):
            self._modules = json.loads(found[1])["imports"]
        for address in _IN_HTML.findall(text):
            self._follow(urljoin(path, address))

    def _fetch(self, path: str) -> Answer:
        plain = self._server.get(path)
        if plain.status != 200:
            raise SystemExit(f"{path}: {plain.status}")
        self.fetched[path] = self._server.get(path, ACCEPTED)
        return plain

    def _follow(self, path: str) -> None:
        if path in self.fetched or urlsplit(path).scheme not in {"", "http"}:
            return
        text = self._fetch(path).body.decode("utf-8", "replace")
        for address in self._named_in(path, text):
            self._follow(urljoin(path, address))

    def _named_in(self, path: str, text: str) -> Iterator[str]:
        if path.endswith(".css"):
            yield from ("".join(pair) for pair in _IN_CSS.findall(text))
        elif path.endswith(".js"):
            for name in _IN_JS.findall(text):
                if name in self._modules or name.startswith((".", "/")):
                    yield self._modules.get(name, name)

    def by_type(self) -> dict[str, tuple[int, int]]:
        """Files and bytes of each kind of content."""
        sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for answer in self.fetched.values():
            kind = answer.headers.get_content_type()
            files, size_bytes = sums[kind]
            sums[kind] = files + 1, size_bytes + len(answer.body)
        return dict(sums)


def main() -> None:
    with data_folder():
        from tests.base import make_people

        people = make_people()
        with Server() as server:
            server.sign_in(people.alice)
            visit = Visit(server)
            visit.open("/create")
    print("\nvisit: the first /create, compressed")
    for kind, (files, size_bytes) in sorted(visit.by_type().items()):
        print(f"{kind:34}{files:>4} files{size_bytes / 1000:>9.1f} kB")
    total_bytes = sum(len(answer.body) for answer in visit.fetched.values())
    print(f"{'in all':34}{len(visit.fetched):>4} files{total_bytes / 1000:>9.1f} kB")
    for path, answer in sorted(visit.fetched.items(), key=lambda item: -len(item[1].body))[:8]:
        coding = answer.headers.get("Content-Encoding", "plain")
        print(f"    {path:44} {len(answer.body) / 1000:>6.1f} kB {coding}")


if __name__ == "__main__":
    main()
