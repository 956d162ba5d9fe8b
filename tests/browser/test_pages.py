"""The pages in a real browser: nothing is blocked, nothing overflows, everything is reachable by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize("path", PAGES)
def test_the_console_stays_silent_and_nothing_is_loaded_from_elsewhere(page: Page, server: str, path: str) -> None:
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text))
    page.on("request", lambda request: seen.append(request.url) if not request.url.startswith(server) else None)
    response = page.goto(path)
    assert response is not None
    assert response.ok
    assert not seen


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_fit_the_window(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_question_is_asked_and_answered_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.get_by_role("link", name="Ask in SPARQL").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Query").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("ASK { <https://w3id.org/cfit/id/pact/cfit> ?property ?value }")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sparql?query=*")
    assert page.get_by_text("Yes.", exact=True).is_visible()


def test_a_reader_gets_from_the_home_page_to_the_evidence(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Find an organization").click()
    page.get_by_role("link", name="Electronics Watch", exact=True).click()
    page.get_by_role(
        "link", name="Electronics Watch as supporting organization of Circular and Fair ICT Pact"
    ).first.click()
    source = page.locator("dd a", has_text="electronicswatch.org/en/electronics-watch-joins-cfit").first
    source.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("electronicswatch.org/en/")
