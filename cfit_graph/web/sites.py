"""Which release a request is for: the current one, or another that is opened for it.

Everything here happens in the event loop, but for what takes long, which happens in threads: so the counts below are
always right, and going over to a new release is one assignment.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from cfit_graph import release
from cfit_graph.errors import (
    BadParameters,
    Overloaded,
    ReleaseError,
    SourceError,
    StoreUnavailable,
    UnknownRelease,
    UsageError,
    WrongParameter,
)
from cfit_graph.web import opening
from cfit_graph.web.memento import History

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from starlette.types import Scope

    from cfit_graph.release import Release
    from cfit_graph.store.asking import Asker
    from cfit_graph.web.site import Site

LOOK: Final = 1.0
"""Seconds from one look for a new release to the next."""
AGAIN: Final = 30.0
"""Seconds after which a new release that could not be opened is tried again."""
IDLE: Final = 300.0
"""Seconds without a request after which a release that is not the current one is closed."""
_UNDER: Final = re.compile(r"(/release/([^/]+))(/.*)", re.DOTALL)
_OF_THE_SERVER: Final = re.compile(r"/(health|ready|metrics|robots\.txt|static/.*)", re.DOTALL)
_PARAMETER: Final = b"release="
_LOG = logging.getLogger(__name__)


class Held:
    """A site, and how many requests are at it: it is closed when it is given up and the last of them has ended.

    ``site`` is ``None`` while it is being opened.
    """

    def __init__(self, site: Site | None = None) -> None:
        self.site = site
        self.opening: asyncio.Task[None] | None = None
        self.users = 0
        self.used = time.monotonic()
        self._is_given_up = False

    @property
    def is_idle(self) -> bool:
        """Whether it is open, and nobody is at it."""
        return self.site is not None and not self.users

    def leave(self) -> None:
        """End a request."""
        self.users -= 1
        self.used = time.monotonic()
        self._close_if_unused()

    def give_up(self) -> None:
        """Take no more requests; those that are here are answered."""
        self._is_given_up = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self._is_given_up and self.site and not self.users:
            self.site.asker.close()  # it belongs to the event loop
            asyncio.get_running_loop().run_in_executor(None, self.site.let_go)


class Sites:
    """The current release and those that were opened beside it; or else the only thing that is served."""

    def __init__(self, site: Site) -> None:
        """Begin with the site that is current."""
        self.present = Held(site)
        self.own: tuple[re.Pattern[str], ...] = ()
        """Addresses below a release that are about it and not in it: they are the current site's."""
        self.history = History(site.settings.releases)
        self._settings = site.settings
        self._others: OrderedDict[str, Held] = OrderedDict()
        self._refused: dict[str, Any] = {}

    @property
    def site(self) -> Site:
        """The site that is current."""
        assert self.present.site  # noqa: S101 - it is given whole
        return self.present.site

    def askers(self) -> Iterator[Asker]:
        """Yield the askers of all that is open; the one of the current site first."""
        for held in (self.present, *self._others.values()):
            if held.site:
                yield held.site.asker

    async def enter(self, scope: Scope) -> Held:
        """Put the site that a request is for into its scope; who called must leave what is returned.

        The part of the address that names a release is taken off.

        Raises:
            UnknownRelease: if there is no such release.
            UsageError: if more than one is named; it may be :class:`BadParameters`.
            Overloaded: if as many others as may be open are being read.
            StoreUnavailable: if it is damaged, or cannot be opened.
        """
        chosen, is_under = _chosen(scope), scope["path"].startswith("/release/")
        if is_under and chosen is not None:
            raise BadParameters([WrongParameter("release", "The address names a release already. Leave it out.")])
        version = self._under(scope) if is_under else chosen
        if version is None:
            scope["cfit.site"], held = self.site, self.present
            held.users += 1
            return held
        held = await self._hold(version)
        scope["cfit.site"] = self._seen_from_now(held.site or self.site, version)
        return held

    def _under(self, scope: Scope) -> str | None:
        """Take the prefix of a release off the path of a request, and return the version; ``None`` if it has none."""
        path = scope["path"]
        parts = _UNDER.fullmatch(path)
        if not parts or any(own.match(path) for own in self.own):
            return None
        scope["path"] = parts[3]
        return parts[2]

    def _seen_from_now(self, site: Site, version: str) -> Site:
        """Return a site with the addresses of its release, and the version of the current one if that is newer."""
        present = self.site.release
        assert present  # noqa: S101 - else no other can be held
        is_newer = release.order(present.version) > release.order(version)
        return replace(site, prefix=f"/release/{version}", newer=present.version if is_newer else "")

    async def _hold(self, version: str) -> Held:
        """Return a release that is open, with this request counted; concurrent requests open it once."""
        held = self._known(version)
        if held is None:
            await asyncio.to_thread(release.folder, self._settings.releases, version)
            held = self._known(version) or self._begin(version)
        held.users += 1
        try:
            if held.opening:
                await asyncio.shield(held.opening)
        except BaseException:
            held.leave()
            raise
        return held

    def _known(self, version: str) -> Held | None:
        present = self.site.release
        if present is None:
            raise UnknownRelease("Other files than releases are served here, so there is none to choose.")
        if version == present.version:
            return self.present
        if version in self._others:
            self._others.move_to_end(version)
        return self._others.get(version)

    def _begin(self, version: str) -> Held:
        """Begin to open a release."""
        self._make_room()
        held = self._others[version] = Held()
        held.opening = asyncio.create_task(self._open(version, held))
        held.opening.add_done_callback(lambda task: self._forget_if_failed(task, version))
        return held

    def _make_room(self) -> None:
        if len(self._others) < self._settings.open_releases:
            return
        for version, held in self._others.items():  # the least recently used is the first
            if held.is_idle:
                del self._others[version]
                held.give_up()
                return
        raise Overloaded(f"{len(self._others)} other releases are being read already. Try again in a moment.")

    async def _open(self, version: str, held: Held) -> None:
        held.site = await asyncio.to_thread(self._opened, version)

    def _opened(self, version: str) -> Site:
        try:
            return self._site(release.find(self._settings.releases, version), f"/release/{version}")
        except (ReleaseError, SourceError) as error:
            _LOG.warning("%s", error)
            raise StoreUnavailable(f"Release {version} cannot be served; the log says why.") from None

    def _site(self, found: Release, prefix: str = "") -> Site:
        stopped = getattr(self.site.asker, "stopped", None)  # counted together
        return opening.over_release(self._settings, found, prefix, stopped)

    def _forget_if_failed(self, task: asyncio.Task[None], version: str) -> None:
        if task.cancelled() or task.exception():
            self._others.pop(version, None)

    async def watch(self) -> None:
        """Go over to new releases as they are published, and close others that nobody reads; never ends."""
        while True:
            await asyncio.sleep(LOOK)
            self._close_idle()
            try:
                await self._look()
            except Exception:  # noqa: BLE001 - whatever it is, the release that is served stays
                _LOG.exception("a new release could not be opened; release %s is served on", self._version)
                self._refused = {}
                await asyncio.sleep(AGAIN)

    @property
    def _version(self) -> str:
        return self.site.release.version if self.site.release else ""

    async def _look(self) -> None:
        """Go over to the newest whole release, if it is newer than the current one.

        One that was refused is looked at again when a file of it has changed.
        """
        newer = await asyncio.to_thread(_newer, self._settings.releases, self._version)
        if not newer or newer == self._refused:
            return
        self._refused = newer
        found = await asyncio.to_thread(release.current, self._settings.releases)
        if found and release.order(found.version) > release.order(self._version):
            self._go_over(await asyncio.to_thread(self._warm, found))

    def _warm(self, found: Release) -> Site:
        """Return the site of a release, with all read that its pages need."""
        site = self._site(found)
        site.read_all()
        return site

    def _go_over(self, site: Site) -> None:
        """Make a site the current one: requests from now on are for it; the one before ends with its last."""
        before, self.present = self.present, Held(site)
        before.give_up()
        _LOG.info("release %s is served", self._version)

    def _close_idle(self) -> None:
        for version, held in list(self._others.items()):
            if held.is_idle and time.monotonic() - held.used > IDLE:
                del self._others[version]
                held.give_up()

    def close(self) -> None:
        """Close all there is, where no request is left."""
        for held in (self.present, *self._others.values()):
            if held.site:
                held.site.asker.close()
                held.site.let_go()
        self._others.clear()


def _newer(releases: Path, than: str) -> dict[str, Any]:
    """Return the versions after one, each with what changes when a file of it does."""
    after = [version for version in release.versions(releases) if release.order(version) > release.order(than)]
    return {version: sorted(map(_trace, (releases / version).rglob("*"))) for version in after}


def _trace(path: Path) -> tuple[str, int, int]:
    try:
        state = path.lstat()
    except OSError:
        return str(path), 0, 0  # it has gone since
    return str(path), state.st_mtime_ns, state.st_size


def _chosen(scope: Scope) -> str | None:
    """Take the parameter that names a release off a request, and return the version; ``None`` if there is none."""
    if _PARAMETER not in scope["query_string"] or _OF_THE_SERVER.fullmatch(scope["path"]):
        return None
    parts = scope["query_string"].split(b"&")
    named = [part.removeprefix(_PARAMETER) for part in parts if part.startswith(_PARAMETER)]
    if len(named) > 1:
        raise UsageError("release is given once, as one version.")
    scope["query_string"] = _without(parts)
    return unquote_plus(named[0].decode("latin-1")) if named else None


def _without(parts: Iterable[bytes]) -> bytes:
    return b"&".join(part for part in parts if not part.startswith(_PARAMETER))
