"""The pages in a real browser: nothing is blocked, nothing overflows, everything is reachable by keyboard."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.web import PAGES

WATCH = "https://w3id.org/cfit/id/organization/electronics-watch"
MORE = [
    "/organizations?q=umwelt",
    "/dataset",
    "/changes",
    "/changes?entity=organization:electronics-watch",
    "/feed/page/1",
    f"/cite?iri={WATCH}",
    f"/sparql?query=DESCRIBE <{WATCH}>",
    f"/sparql?query=SELECT * {{ <{WATCH}> ?property ?value }}",
    "/sparql?query=SELECT * { ?organization a <http://www.w3.org/ns/org#Organisation> }",
    "/sparql?query=SELECT * { ?organization foaf:homepage ?page }",
    "/problem/query-syntax",
    "/doc/organization/electronic-watch",
]
"""Pages with more than what they show of the release: scripts of data, answers, mistakes."""

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


@pytest.mark.parametrize("path", [*PAGES, *MORE])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_fit_the_window(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", ["/api", "/feed"])
def test_links_of_a_letter_or_digit_can_be_hit(page: Page, path: str) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24 pixels."""
    page.goto(path)
    boxes = [link.bounding_box() for link in page.locator(".targets a").all()]
    assert boxes
    assert all(box and min(box["width"], box["height"]) >= 24 for box in boxes)


@pytest.mark.parametrize("path", ["/organizations", "/shapes", "/dataset", "/cite"])
def test_on_paper_nothing_is_cut_off(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 680, "height": 900})  # A4 with margins
    page.emulate_media(media="print")
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    assert not page.get_by_role("navigation").is_visible()


def test_on_paper_folded_evidence_can_be_read(page: Page) -> None:
    """A button that unfolds is of no use there."""
    page.goto("/doc/organization/nl-ienw")
    folded = page.locator("details a").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert (folded.bounding_box() or {"height": 0})["height"] > 0
    assert folded.evaluate("link => link.checkVisibility({contentVisibilityAuto: true})")


def test_on_paper_an_answer_has_its_query(page: Page) -> None:
    page.goto("/sparql?query=ASK%20%7B%20%3Fs%20a%20%3Ftype%20%7D")
    query = page.get_by_text("ASK { ?s a ?type }", exact=True).and_(page.locator("pre"))
    assert not query.is_visible()
    page.emulate_media(media="print")
    assert query.is_visible()
    assert not page.get_by_text("In Python").is_visible()


def test_the_program_for_an_answer_is_a_key_away(page: Page) -> None:
    page.goto("/sparql?query=ASK%20%7B%20%3Fs%20a%20%3Ftype%20%7D")
    program = page.get_by_text("client.ask(")
    assert not program.is_visible()
    page.get_by_text("In Python").focus()
    page.keyboard.press("Enter")
    assert program.is_visible()


def test_a_question_is_asked_for_another_day(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Who was affiliated on a given day").click()
    page.wait_for_url("**/question/affiliated-on-a-day")
    later = page.locator("tbody tr").count()
    page.get_by_label("Day").fill("2021-12-31")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/question/affiliated-on-a-day?day=2021-12-31")
    assert page.get_by_label("Day").input_value() == "2021-12-31"
    assert 0 < page.locator("tbody tr").count() < later


def test_a_question_is_asked_of_things_by_their_names(page: Page) -> None:
    page.goto("/question/without-dutch-name")
    page.get_by_label("Countries or regions").select_option(label=["Netherlands"])
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/question/without-dutch-name?country=nl")
    assert page.locator("tbody tr").count() > 0
    page.get_by_text("The query, in SPARQL").click()
    assert "place/nl>" in page.locator("details[open] pre").inner_text()


def test_who_has_no_query_yet_is_led_to_some(page: Page) -> None:
    page.goto("/sparql")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/sparql?query=*")
    assert page.get_by_text("rows, complete").is_visible()
    page.goto("/sparql")
    page.get_by_role("link", name="questions to start from").click()
    page.get_by_role("link", name="Who supports CFIT, and since when?").click()
    page.wait_for_url("**/question/who-supports")
    assert page.get_by_role("cell", name="Electronics Watch", exact=True).is_visible()


def test_the_menu_says_which_page_is_shown(page: Page) -> None:
    page.goto("/pacts")
    assert page.locator("nav [aria-current=page]").all_inner_texts() == ["Pacts"]


@pytest.mark.parametrize("path", [*PAGES, *MORE])
def test_a_checker_of_accessibility_finds_nothing(page: Page, path: str) -> None:
    """With axe-core, as in ``test_validate.py``; narrow and dark, where contrast and targets are worst."""
    if "AXE" not in os.environ:
        pytest.skip("no axe-core on this machine")
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="dark")
    page.goto(path)
    page.evaluate(Path(os.environ["AXE"]).read_text("utf-8"))
    assert not page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")


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
