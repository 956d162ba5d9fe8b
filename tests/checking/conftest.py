"""A process that judges drafts within the real release."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from cfit_graph.checking import Asked, Checker, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cfit_graph.release import Release

    Ask = Callable[..., bytes]


@pytest.fixture(scope="session")
def checker(released: Release) -> Iterator[Checker]:
    checker = Checker(released.path, Limits(seconds=60))
    checker.begin()
    yield checker
    checker.close()


@pytest.fixture
def ask(checker: Checker) -> Ask:
    """Return what asks for a view of a draft with a name, judged alone or not."""

    def ask(
        view: str,
        content: str | bytes = "",
        name: str = "draft.ttl",
        *,
        alone: bool = False,
        about: str = "",
    ) -> bytes:
        sent = content.encode() if isinstance(content, str) else content
        checker._places = None  # each call has an event loop of its own
        return asyncio.run(checker.ask(Asked(view, name, alone, about), sent))

    return ask
