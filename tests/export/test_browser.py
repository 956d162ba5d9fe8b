"""The copy in a real browser: nothing is missing, nothing is blocked, and its links lead on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import browser  # noqa: F401 - a fixture
from tests.export.conftest import COPIED
from tests.export.reading import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def address(copy: Path) -> Iterator[str]:
    with served(copy) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:  # noqa: F811 - it is the fixture
    context = browser.new_context(base_url=address)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", COPIED)
def test_the_console_stays_silent_and_nothing_is_loaded_from_elsewhere(page: Page, address: str, path: str) -> None:
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text))
    page.on("request", lambda request: seen.append(request.url) if not request.url.startswith(address) else None)
    response = page.goto(path)
    assert response is not None
    assert response.ok
    assert not seen


def test_a_reader_gets_from_the_home_page_to_an_answer(page: Page) -> None:
    page.goto("/")
    page.locator(".questions a").first.click()
    assert page.get_by_role("heading", name="Answer").is_visible()
    page.get_by_role("link", name="CSV").click(trial=True)
