"""Documents that are made before anybody asks: the same bytes, without the store, and out of everybody's way."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cfit_graph.errors import StoreUnavailable
from cfit_graph.namespaces import ID
from cfit_graph.settings import Settings
from cfit_graph.web import create_app, preparing, sites
from cfit_graph.web.documents import PAGE_OR_RDF
from cfit_graph.web.export.client import ask
from cfit_graph.web.ready import Ready
from tests.conftest import ROOT
from tests.release import STATEMENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from cfit_graph.release import Release
    from cfit_graph.web.export.client import Answer
    from cfit_graph.web.front import Front
    from cfit_graph.web.site import Site
    from tests.conftest import Publish

    Create = Callable[[Settings], Front]

SERVER = ("127.0.0.1", 8000)
"""Where an application with default settings is asked."""
RETIRED = (
    STATEMENT.format("old", "Old")
    + "<https://w3id.org/cfit/id/organization/old> <http://www.w3.org/2002/07/owl#deprecated> "
    + '"true"^^<http://www.w3.org/2001/XMLSchema#boolean> .\n'
)


async def get(front: Front, path: str, accept: str = "*/*", server: tuple[str, int] = SERVER, **more: Any) -> Answer:
    """Ask at an address of the server."""

    async def at(scope: Any, receive: Any, send: Any) -> None:
        of_no_copy = {name: value for name, value in scope.items() if name != "cfit.copy"}
        await front(of_no_copy | {"server": server} | more, receive, send)

    return await ask(at, path, accept)


def site_of(front: Front) -> Site:
    site: Site = front.pages.state.sites.site
    return site


async def prepare(front: Front) -> None:
    """Make all ready that will be."""
    held = front.pages.state.sites.present
    held.users += 1
    await preparing._prepare(front.pages.state.sites, held)
    held.leave()


@asynccontextmanager
async def running(front: Front) -> AsyncIterator[None]:
    """Make documents ready meanwhile, as an application does that is served."""
    task = asyncio.create_task(preparing.keep_ready(front.pages.state.sites))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def go_over(front: Front, publish: Publish, data: str, happened: Callable[[], object]) -> None:
    """Make documents ready until something happened, then publish more, and wait until that is current and ready."""
    async with running(front):
        before = site_of(front)
        await until(happened)
        publish(data)
        watch = asyncio.create_task(front.pages.state.sites.watch())
        await until(lambda: site_of(front) is not before and site_of(front).ready.size)
        watch.cancel()


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not happened():
            await asyncio.sleep(0.01)


def no_store(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the store answer nothing from now on."""

    def refuse(*_: object, **__: object) -> None:
        raise StoreUnavailable("Nothing is to be asked.")

    monkeypatch.setattr(site_of(front).store, "query", refuse)


@pytest.fixture
def create() -> Iterator[Callable[[Settings], Front]]:
    """What creates applications, which are closed after the test."""
    with ExitStack() as opened:

        def create(settings: Settings) -> Front:
            return opened.enter_context(closing(create_app(settings)))

        yield create


@pytest.fixture
def settings(tiny: Path) -> Settings:
    return Settings(root=tiny, releases=tiny / "releases")


def test_all_documents_are_ready_and_as_they_are_made_anew(
    create: Create, releases: Path, released: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each thing that has a name, in each format, negotiated or by its suffix: the same bytes and headers."""
    things = {line[1 : line.index(">")].removeprefix(ID) for line in released.lines if line.startswith(f"<{ID}")}
    names = sorted(name for name in things if not name.startswith("name/"))  # names of others, which have none
    settings = Settings(root=ROOT, releases=releases)
    ready, anew = create(settings), create(replace(settings, cache_mb=0))

    async def compare() -> None:
        await prepare(ready)
        no_store(ready, monkeypatch)
        for number, name in enumerate(names):
            for suffix, media_type in PAGE_OR_RDF.items():
                path, accept = ((f"/doc/{name}.{suffix}", "*/*"), (f"/doc/{name}", media_type))[number % 2]
                answer = await get(ready, path, accept)
                assert answer.status == 200, path
                assert answer == await get(anew, path, accept)

    asyncio.run(compare())


def test_what_says_other_things_elsewhere_is_made_for_there(
    create: Create, publish: Publish, settings: Settings
) -> None:
    """A page names the address it was asked at, the release it is asked in, and what a copy is."""
    version = publish(STATEMENT.format("a", "A")).version
    ready, anew = create(settings), create(replace(settings, cache_mb=0))

    async def compare() -> None:
        await prepare(ready)
        assert site_of(ready).ready.size
        here = await get(ready, "/doc/organization/a", "text/html")
        for path, more in (
            ("/doc/organization/a", {"server": ("127.0.0.1", 9000)}),
            (f"/release/{version}/doc/organization/a", {}),
            ("/doc/organization/a", {"cfit.copy": True}),
            ("/doc/organization/a?x=1", {}),
        ):
            answer: Any = await get(ready, path, "text/html", **more)
            assert answer == await get(anew, path, "text/html", **more)
            assert (answer.body == here.body) is path.endswith("x=1")
        data = {(await get(ready, "/doc/organization/a.ttl", server=("127.0.0.1", port))).body for port in (8000, 9000)}
        assert len(data) == 1

    asyncio.run(compare())


def test_what_is_retired_is_told_of_as_ever(create: Create, publish: Publish, settings: Settings) -> None:
    publish(STATEMENT.format("a", "A") + RETIRED)
    front = create(settings)

    async def look() -> None:
        await prepare(front)
        for accept in PAGE_OR_RDF.values():
            assert (await get(front, "/doc/organization/old", accept)).status == 410
            assert (await get(front, "/doc/organization/a", accept)).status == 200

    asyncio.run(look())


def test_a_newer_release_has_documents_of_its_own(create: Create, publish: Publish, settings: Settings) -> None:
    publish(STATEMENT.format("a", "one"))
    front = create(settings)

    async def told_of() -> bytes:
        await go_over(front, publish, STATEMENT.format("a", "two"), lambda: site_of(front).ready.size)
        return (await get(front, "/doc/organization/a.nt")).body

    assert b"two" in asyncio.run(told_of())


def test_requests_go_first(
    create: Create, publish: Publish, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a request is at the site, and for a moment after it, nothing is made; after that all is."""
    monkeypatch.setattr(preparing, "MOMENT", 0.2)
    publish(STATEMENT.format("a", "A"))
    front = create(settings)
    held = front.pages.state.sites.present

    async def ask_meanwhile() -> None:
        held.users += 1
        async with running(front):
            await asyncio.sleep(0.5)
            assert not site_of(front).ready.size
            held.leave()
            await asyncio.sleep(0.1)
            assert not site_of(front).ready.size
            await until(lambda: site_of(front).ready.size)

    asyncio.run(ask_meanwhile())


def test_a_large_release_has_none_ready(
    create: Create, publish: Publish, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(STATEMENT.format("a", "A"))
    monkeypatch.setattr(preparing, "MOST", 0)
    front = create(settings)
    asyncio.run(prepare(front))
    assert not site_of(front).ready.size


def test_there_is_room_for_half_of_what_answers_may_take(create: Create, releases: Path) -> None:
    """With no room for answers nothing is made ready; with little, no more than fits."""
    for megabytes in (0, 1):
        front = create(Settings(root=ROOT, releases=releases, cache_mb=megabytes))
        asyncio.run(prepare(front))
        ready = site_of(front).ready
        assert ready.room == megabytes << 19
        assert ready.room - (1 << 18) <= ready.size <= ready.room or not ready.room


def test_no_more_is_held_than_there_is_room_for() -> None:
    ready = Ready(10)
    one, other = ("organization/a", "text/turtle", ""), ("organization/b", "text/turtle", "")
    assert ready.keep(one, b"123456")
    assert not ready.keep(other, b"12345")
    assert (ready.get(one), ready.get(other), ready.size) == (b"123456", None, 6)


def test_a_store_that_does_not_answer_is_no_end(
    create: Create,
    publish: Publish,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is told in the log, and the next release is made ready again."""
    monkeypatch.setattr(preparing, "LOOK", 0.01)
    monkeypatch.setattr(sites, "LOOK", 0.01)
    publish(STATEMENT.format("a", "one"))
    front = create(settings)
    no_store(front, monkeypatch)
    with caplog.at_level(logging.WARNING, preparing.__name__):
        asyncio.run(go_over(front, publish, STATEMENT.format("a", "two"), lambda: "not made ready" in caplog.text))


def test_an_unforeseen_fault_is_no_end(
    create: Create,
    publish: Publish,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As where no thread can be had; it is told in the log, and the next release is made ready again."""
    monkeypatch.setattr(preparing, "LOOK", 0.01)
    monkeypatch.setattr(sites, "LOOK", 0.01)
    publish(STATEMENT.format("a", "one"))
    front = create(settings)
    before, names = site_of(front), preparing._names

    def fail(site: Site) -> list[str]:
        if site is before:
            raise RuntimeError("can't start new thread")
        return names(site)

    monkeypatch.setattr(preparing, "_names", fail)
    happened = "can't start new thread"
    asyncio.run(go_over(front, publish, STATEMENT.format("a", "two"), lambda: happened in caplog.text))
