"""A copy as its readers see it: served by the server of files that Python has, and read page by page."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits for the client to acknowledge its headers

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as it is; yields the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Client:
    """Asks a server of files, over one connection."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=30)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body; a folder's name without a stroke leads to the one with it."""
        self._connection.request("GET", path)
        reply = self._connection.getresponse()
        body = reply.read()
        if reply.status == 301:
            return self.get(reply.headers["Location"])
        return reply.status, body


@dataclass
class Page(HTMLParser):
    """What a page says of itself: its title, its links and resources, and the names of its parts."""

    text: str
    title: str = ""
    links: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    forms: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self._in_title = False
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element links to."""
        given = dict(attrs)
        self._in_title = tag == "title"
        self.forms += tag == "form"
        self.links |= {target for name in ("href", "src") if (target := given.get(name))}
        if (given.get("http-equiv") or "").lower() == "refresh":
            self.links.add((given["content"] or "").partition("url=")[2])
        if name := given.get("id"):
            self.ids.add(name)

    def handle_endtag(self, _: str) -> None:
        """End the title."""
        self._in_title = False

    def handle_data(self, data: str) -> None:
        """Note the title."""
        if self._in_title:
            self.title += data
