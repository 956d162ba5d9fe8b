"""A correction in a real browser: checked while typing, proposals carried out by keyboard, and taken away clean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.tables import workbook
from tests.test_fix import STAFF

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WATCH = "/validate?about=https%3A//w3id.org/cfit/id/organization/electronics-watch"
PATIENT = 60_000


@pytest.fixture
def slow(page: Page) -> Page:
    """The page, with time for the first check, which waits until the release is read."""
    page.set_default_timeout(PATIENT)
    expect.set_options(timeout=PATIENT)
    return page


def _misspelt(page: Page) -> str:
    """Open the draft of a thing, misspell a word of it, and return what it was."""
    page.goto(WATCH)
    text = page.get_by_role("textbox", name="Text")
    right = text.input_value()
    text.fill(right.replace("stakeholder-type:monitoring", "stakeholder-type:monitorring"))
    return right


def _shoot(page: Page, name: str, *, whole: bool = True) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=whole)


def test_from_a_misspelt_word_to_the_clean_file_by_keyboard(slow: Page) -> None:
    right = _misspelt(slow)
    verdict = slow.get_by_role("status")
    expect(verdict).to_contain_text("1 violation,")
    marked = slow.locator(".listing .marked")
    expect(marked).to_contain_text("monitorring")
    _shoot(slow, "found")
    slow.locator("a.place").first.focus()
    slow.keyboard.press("Enter")
    text = slow.get_by_role("textbox", name="Text")
    expect(text).to_be_focused()
    selected = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert text.evaluate(selected).startswith("stakeholder-type:monitorring-body")
    slow.get_by_role("button", name="Do this").focus()
    slow.keyboard.press("Enter")
    expect(verdict).to_contain_text("Conforms: 0 violations")
    expect(verdict).to_be_focused()
    assert text.input_value() == right
    with slow.expect_download() as taken:
        slow.get_by_role("button", name="The file").click()
    assert taken.value.suggested_filename == "draft.ttl"
    assert taken.value.path().read_text("utf-8") == right
    _shoot(slow, "clean")


def test_five_mistakes_of_a_beginner_are_mended_by_buttons(slow: Page) -> None:
    slow.goto("/validate")
    slow.get_by_role("textbox", name="Text").fill(STAFF)
    verdict = slow.get_by_role("status")
    expect(verdict).to_contain_text("5 violations")
    verdict.evaluate("it => it.scrollIntoView()")
    _shoot(slow, "mistakes", whole=False)
    slow.get_by_role("button", name="Do all that is safe").click()
    for left in ("3 violations", "2 violations", "1 violation,"):
        expect(verdict).to_contain_text(left)
        slow.get_by_role("button", name="Do this").first.click()
    expect(verdict).to_contain_text("Conforms: 0 violations")
    verdict.evaluate("it => it.scrollIntoView()")
    _shoot(slow, "mended", whole=False)


def test_a_file_that_is_chosen_is_checked_and_shown(slow: Page, tmp_path: Path) -> None:
    table = tmp_path / "organizations.csv"
    table.write_text("id,name (en)\nelectronics-watch,=1+1\n", "utf-8")
    slow.goto("/validate")
    slow.get_by_label("File", exact=True).set_input_files(table)
    expect(slow.get_by_role("status")).to_contain_text("2 violations")
    expect(slow.get_by_role("textbox", name="Text")).to_have_value(table.read_text("utf-8"))
    expect(slow.get_by_label("Name of the file")).to_have_value("organizations.csv")
    slow.get_by_role("link", name="B2").first.click()
    _shoot(slow, "table")


def test_a_workbook_is_mended_by_a_button_and_taken_away(slow: Page, tmp_path: Path) -> None:
    header: list[object] = ["id", "name (en)", "stakeholder type", "place", "source"]
    row: list[object] = ["example-office", "Example Office", "goverment agency", "Netherlands", "cfit-participants"]
    workbook(tmp_path / "new.xlsx", organizations=[header, row])
    slow.goto("/validate")
    slow.get_by_label("File", exact=True).set_input_files(tmp_path / "new.xlsx")
    expect(slow.get_by_role("link", name="organizations!C2").first).to_be_visible()
    slow.get_by_role("button", name="Do this").first.click()
    expect(slow.get_by_role("status")).to_contain_text("Conforms: 0 violations")
    expect(slow.locator(".source table")).to_contain_text("government agency")
    with slow.expect_download() as taken:
        slow.get_by_role("button", name="The file").click()
    assert taken.value.suggested_filename == "new.xlsx"
    with taken.value.path().open("rb") as file:
        assert openpyxl.load_workbook(file)["organizations"]["C2"].value == "government agency"


def test_a_file_that_is_dropped_is_checked(slow: Page) -> None:
    slow.goto("/validate")
    transfer = slow.evaluate_handle(
        "() => { const t = new DataTransfer(); t.items.add(new File(['a b'], 'mine.ttl')); return t; }"
    )
    slow.dispatch_event(".drop", "drop", {"dataTransfer": transfer})
    expect(slow.get_by_role("status")).to_have_text("The draft cannot be judged.")
    expect(slow.get_by_label("Name of the file")).to_have_value("mine.ttl")
    expect(slow.locator(".listing .marked")).to_contain_text("a b")


def test_what_is_typed_cannot_do_anything(slow: Page) -> None:
    seen: list[str] = []
    slow.on("dialog", lambda dialog: seen.append(dialog.message))
    slow.on("console", lambda message: seen.append(message.text))
    slow.goto("/validate")
    slow.get_by_role("textbox", name="Text").fill(
        '<http://example.org/a> <http://example.org/b> "</td><img src=x onerror=alert(1)>" .'
    )
    expect(slow.get_by_role("status")).to_contain_text("onform")
    assert slow.locator("img").count() == 0
    assert not seen


def test_a_checker_of_accessibility_finds_nothing(slow: Page) -> None:
    """With axe-core (``npm install axe-core``), whose ``axe.min.js`` the variable AXE leads to."""
    if "AXE" not in os.environ:
        pytest.skip("no axe-core on this machine")
    axe = Path(os.environ["AXE"]).read_text("utf-8")
    for scheme in ("light", "dark"):
        slow.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        _misspelt(slow)
        expect(slow.get_by_role("status")).to_contain_text("1 violation,")
        slow.evaluate(axe)
        found = slow.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
        assert not found


def test_without_javascript_the_form_does_the_same(browser: Browser, server: str) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.set_default_timeout(PATIENT)
    right = _misspelt(page)
    page.get_by_role("button", name="Check", exact=True).click()
    assert "1 violation," in page.get_by_role("status").inner_text()
    page.locator("a.place").first.click()
    assert page.url.endswith("#line-15")
    assert page.locator("html").evaluate("e => e.scrollWidth") <= 320
    _shoot(page, "narrow")
    page.get_by_role("button", name="Do all that is safe").click()
    assert "Conforms: 0 violations" in page.get_by_role("status").inner_text()
    assert page.get_by_role("textbox", name="Text").input_value() == right
    context.close()
