"""A copy of the site as files, made by asking the application for all there is, as a client would."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from cfit_graph import release
from cfit_graph.collection import COLLECTIONS, asking
from cfit_graph.errors import ReleaseError
from cfit_graph.namespaces import things
from cfit_graph.texts import PROBLEMS
from cfit_graph.web import create_app, negotiation
from cfit_graph.web.export.addresses import place, rewrite_data, rewrite_page, suffix_of
from cfit_graph.web.export.client import Answer, ask
from cfit_graph.web.export.folder import Folder
from cfit_graph.web.pages import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cfit_graph.release import Release
    from cfit_graph.settings import Settings
    from cfit_graph.web.front import Front
    from cfit_graph.web.site import Site

_AT_ONCE: Final = 8
_ACCEPT: Final = {
    "": negotiation.HTML,
    "json": "application/json",
    "jsonld": "application/ld+json",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
_XML: Final = frozenset({"atom", "rdf"})
_TELLS: Final = frozenset({*_ACCEPT, "atom", ""})
"""Suffixes of files that name addresses of the site."""
_FAULT: Final = 500
"""Status from which there is no answer to copy; that something is gone, or not in this release, is one."""
_LEADS: Final = frozenset({302, 303})
_START: Final = (
    *(
        "/",
        "/organizations",
        "/pacts",
        "/question",
        "/sparql",
        "/ns",
        "/shapes",
        "/dataset",
        "/context/v1.jsonld",
        "/api",
        "/api/v1",
    ),
    *("/openapi.json", "/api/v1/openapi.json", "/api/v1/changes", "/feed", "/feed.jsonld", "/changes", "/release"),
    *("/compare", "/quality", "/cite", "/dataset/linkset.json", "/.well-known/void", "/.well-known/api-catalog"),
    *(f"/problem/{kind}" for kind in PROBLEMS),
    *(f"/feed/ldes.{suffix}" for suffix in ("ttl", "trig", "nq", "nt", "jsonld")),
)
"""Where it begins, beside the things and the collections: what is not here is linked from there."""
_LEFT: Final = frozenset({"/openapi.json", "/api/v1/openapi.json", "/context/v1.jsonld"})
"""What stays as it is: it tells what a server answers, or names no address."""
_WITHIN: Final = re.compile(r"/release/([^/?]+)(/(?!report\b).*)")


class Copied(NamedTuple):
    """What was copied: the version of the release, and how many files."""

    version: str
    files: int


def export(settings: Settings, target: Path, url: str, *, all_releases: bool = False) -> Copied:
    """Write all that is served of the current release into a folder, to be read at ``url`` without a server.

    With ``all_releases`` also each release at its own address. The folder gets its name when all is in it, and takes
    the place of a copy that was there.

    Raises:
        SourceError: if the folder holds something else, or cannot be written.
        ReleaseError: if something that is linked does not answer.
        CfitError: as ``create_app`` does.
    """
    with Folder(target) as folder:
        front = create_app(replace(settings, public_url=url, cache_mb=0))
        crawl = _Crawl(front, folder, url, all_releases=all_releases)
        asyncio.run(crawl.run())
        return Copied(crawl.current.version, folder.publish())


class _Crawl:
    """Asks for addresses and for those that the answers link to, once for each place in the copy."""

    def __init__(self, front: Front, folder: Folder, url: str, *, all_releases: bool) -> None:
        self._front, self._folder, self._url = front, folder, url
        self._site: Site = front.pages.state.sites.site
        assert self._site.release  # noqa: S101 - the application was given no files
        self.current: Release = self._site.release
        releases = self.current.path.parent
        self._whole = [release.find(releases, each) for each in release.versions(releases)] if all_releases else []
        self._wanted: dict[str, dict[str, str]] = {}  # addresses by their paths in the copy, by their release
        self._seen: set[str] = set()
        self._pages: list[str] = []

    async def run(self) -> None:
        """Copy everything, and close the application."""
        try:
            for address in self._start():
                self._lead(address, "")
            while self._wanted:
                await self._copy_some()
        finally:
            self._front.close()
        self._render("/robots.txt", "robots.txt", closed=())
        self._render("/sitemap.xml", "sitemap.xml", pages=sorted(self._pages))

    async def _copy_some(self) -> None:
        """Copy some of one release, until nothing of it is wanted: not many can be open at the same time."""
        version, wanted = next(iter(self._wanted.items()))
        some = list(islice(wanted.items(), _AT_ONCE))
        for path, _ in some:
            del wanted[path]
        if not wanted:
            del self._wanted[version]
        answers = await asyncio.gather(*(self._ask(path, address) for path, address in some))
        for (path, address), answer in zip(some, answers, strict=True):
            self._take(path, address, answer)

    def _start(self) -> Iterator[str]:
        yield from _START
        yield from self._things(self.current, "")
        for name, of in COLLECTIONS.items():
            yield from (f"/api/v1/{name}.{suffix}" for suffix in ("json", "jsonld", "csv", "csv-metadata.json"))
            for iri in self._site.collections.iris(asking.Asked(of)):
                slug = quote(iri.rpartition("/")[2])
                yield from (f"/api/v1/{name}/{slug}.{suffix}" for suffix in ("json", "jsonld"))
        for found in self._whole:
            prefix = f"/release/{found.version}"
            yield from (prefix + address for address in _START)
            yield from self._things(found, prefix)

    def _things(self, found: Release, prefix: str) -> Iterator[str]:
        """Yield the addresses of all things that a release tells of, and of their documents."""
        start = things(self._site.edition.base)
        said = {line[1 : line.index(">")] for line in found.lines if line.startswith(f"<{start}")}
        for iri in sorted(said | {iri for iri in found.retired() if iri.startswith(start)}):
            name = iri.removeprefix(start)
            yield from (f"{prefix}/id/{name}", f"{prefix}/doc/{name}", f"{prefix}/doc/{name}.html")

    def _lead(self, address: str, within: str) -> str:
        """Return the path in the copy of what is at an address, and see to it that it is there."""
        path = place(address, within)
        if path not in self._seen:
            self._seen.add(path)
            within_release = _WITHIN.fullmatch(address)
            self._wanted.setdefault(within_release[1] if within_release else "", {})[path] = address
        return path

    async def _ask(self, path: str, address: str) -> Answer:
        """Return what the application answers; what is in a release that is not copied whole leads elsewhere."""
        within = _WITHIN.fullmatch(address)
        if within and within[1] not in {found.version for found in self._whole}:
            leads = within[2] if within[1] == self.current.version else f"/release/{within[1]}"
            return Answer(303, {"location": leads}, b"")
        return await ask(self._front, address, _ACCEPT.get(suffix_of(path), "*/*"))

    def _take(self, path: str, address: str, answer: Answer) -> None:
        """Write an answer."""
        if answer.status in _LEADS:
            leads = self._lead(answer.headers["location"].removeprefix(self._url), "")
            self._render(f"{path}/index.html", "leading.html", address=self._url + leads)
        elif answer.status >= _FAULT:
            raise ReleaseError(f"{address}: the answer is {answer.status}, so there is no copy")
        elif answer.media_type == negotiation.HTML:
            self._take_page(path, answer.body.decode())
        else:
            self._folder.write(path, answer.body if address in _LEFT else self._data(path, answer))

    def _take_page(self, path: str, page: str) -> None:
        if suffix_of(path):
            name = path
        else:
            self._pages.append(path)
            name = f"{path.rstrip('/')}/index.html"
        self._folder.write(name, rewrite_page(page, self._url, partial(self._lead, within="")).encode())

    def _data(self, path: str, answer: Answer) -> bytes:
        suffix = suffix_of(path)
        if suffix not in _TELLS:
            return answer.body
        lead = partial(self._lead, within=suffix)
        return rewrite_data(answer.body.decode(), self._url, lead, is_xml=suffix in _XML).encode()

    def _render(self, name: str, template: str, **values: object) -> None:
        self._folder.write(name, ENVIRONMENT.get_template(template).render(url=self._url, **values).encode())
