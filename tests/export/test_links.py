"""Link for link: all that a copy of the real graph links to is in it, and its pages are those of the server."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

import pytest

from tests.export.conftest import COPIED, URL
from tests.export.reading import Client, Page, served
from tests.web import BROWSER, PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

THING = "https://w3id.org/cfit/id/"


@pytest.fixture(scope="module")
def client_of_copy(copy: Path) -> Iterator[Client]:
    with served(copy) as address:
        client = Client(address)
        yield client
        client.close()


@pytest.fixture(scope="module")
def pages(copy: Path) -> dict[str, Page]:
    """All pages, by the path of their address."""
    found = {}
    for file in copy.rglob("*.html"):
        path = "/" + quote(file.relative_to(copy).as_posix())
        found[path.removesuffix("/index.html") or "/"] = Page(file.read_text("utf-8"))
    return found


def _inside(path: str, page: Page) -> set[str]:
    """Return the links of a page that stay in the copy, as absolute paths with their fragments."""
    targets = {urljoin(f"{URL}{path}", link) for link in page.links}
    return {target.removeprefix(URL) for target in targets if target.startswith(f"{URL}/")}


def test_every_link_and_resource_of_every_page_is_in_the_copy(pages: dict[str, Page], client_of_copy: Client) -> None:
    targets = {link.partition("#")[0]: path for path, page in pages.items() for link in _inside(path, page)}
    assert len(targets) > 5 * len(PAGES)
    assert not {target for target in targets if "?" in target}, "a server of files does not read queries"
    broken = {target: path for target, path in targets.items() if client_of_copy.get(target)[0] != 200}
    assert not broken


def test_every_fragment_names_a_part_of_its_page(pages: dict[str, Page]) -> None:
    links = {link for path, page in pages.items() for link in _inside(path, page) if "#" in link}
    named = {link: pages[link.partition("#")[0].rstrip("/") or "/"] for link in links}
    parts = {link for link, page in named.items() if 'http-equiv="refresh"' not in page.text}
    assert len(parts) > 100
    assert not [link for link in parts if link.partition("#")[2] not in named[link].ids]


def test_nothing_is_copied_that_the_server_does_not_have(copy: Path, pages: dict[str, Page]) -> None:
    titles = {path: page.title for path, page in pages.items() if not path.startswith("/problem/")}
    assert not [path for path, title in titles.items() if title.startswith(("There is nothing", "Bad", "Not"))]
    broken = [str(file) for file in copy.rglob("*.json") if b'"https://w3id.org/cfit/problem/' in file.read_bytes()]
    assert [file for file in broken if not file.endswith("openapi.json")] == []


@pytest.mark.parametrize("path", COPIED)
def test_a_page_has_the_title_and_the_links_of_the_servers(
    path: str, pages: dict[str, Page], client: TestClient
) -> None:
    original, copied = Page(client.get(path, headers=BROWSER).text), pages[path]
    assert copied.title == original.title
    need_a_server = (
        "/validate",
        "/question.json",
        *(("/cite?query=", "/sparql?query=") if "/question/" in path else ()),
    )
    links = {link for link in original.links if not link.startswith(need_a_server) and "reconcile" not in link}
    plain = {link for link in links if link.startswith("/") and _is_the_same(link)}
    assert plain <= copied.links
    outside = {link for link in links if not link.startswith(("/", "http://testserver"))}
    assert outside <= copied.links
    assert len(copied.links) - len(links) in {0, 1}, "the notice of a copy names the home page or the dataset"


def _is_the_same(link: str) -> bool:
    return "?" not in link and not link.startswith(("/api/v1/", "/feed"))


def test_what_needs_a_server_is_not_offered(copy: Path, pages: dict[str, Page]) -> None:
    assert not [path for path, page in pages.items() if page.forms]
    assert "/validate" not in pages
    assert not [file for file in copy.rglob("*") if file.name.startswith("reconcile")]
    assert b"/reconcile" not in (copy / ".well-known" / "api-catalog").read_bytes()
    for path in COPIED:
        assert "A copy without a server" in pages[path].text


def test_everything_of_the_dump_is_there_in_every_format(copy: Path) -> None:
    lines = gzip.decompress((copy / "dump" / "cfit.nq.gz").read_bytes()).decode().splitlines()
    things = {line[1 : line.index(">")] for line in lines if line.startswith(f"<{THING}")}
    assert len(things) > 100
    for thing in things:
        document = copy / "doc" / thing.removeprefix(THING)
        for name in (
            f"{document.name}/index.html",
            *(f"{document.name}.{it}" for it in ("html", "ttl", "jsonld", "rdf")),
        ):
            assert (document.parent / name).stat().st_size
        assert f"<{thing}> " in document.with_name(f"{document.name}.nt").read_text("utf-8")
        leading = Page((copy / "id" / thing.removeprefix(THING) / "index.html").read_text("utf-8"))
        assert leading.links == {f"{URL}/doc/{thing.removeprefix(THING)}"}


def test_data_are_byte_for_byte_those_of_the_server(copy: Path, client: TestClient) -> None:
    for path in ("/doc/pact/cfit.ttl", "/ns.ttl", "/shapes.nt", "/api/v1/organizations.csv", "/dump/cfit.nq.gz"):
        assert (copy / path[1:]).read_bytes() == client.get(path).content, path


@pytest.mark.parametrize("start", ["/api/v1/organizations.json", "/api/v1/changes.json", "/feed.json"])
def test_pages_of_data_lead_on_to_each_other(start: str, client_of_copy: Client) -> None:
    items: list[object] = []
    following: str | None = f"{URL}{start}"
    if start == "/feed.json":
        following = json.loads(client_of_copy.get(start)[1])["first"]["id"]
    seen = []
    while following:
        assert following not in seen
        seen.append(following)
        status, body = client_of_copy.get(urlsplit(following).path)
        assert status == 200, following
        page = json.loads(body)
        items += page.get("items") or page["orderedItems"]
        following = page.get("next")
        following = following["id"] if isinstance(following, dict) else following
    identified = [json.dumps(item, sort_keys=True) for item in items]
    assert len(identified) == len(set(identified)) > 20


def test_the_event_stream_leads_from_turtle_to_turtle(copy: Path) -> None:
    assert f"<{URL}/feed/ldes/page/1.ttl>" in (copy / "feed" / "ldes.ttl").read_text("utf-8")
    assert (copy / "feed" / "ldes" / "page" / "1.ttl").is_file()


def test_a_question_of_the_library_has_its_answer(pages: dict[str, Page], copy: Path, client: TestClient) -> None:
    asked = [link for link in pages["/"].links if link.startswith("/question/")]
    assert len(asked) > 20
    assert all("<h2>Answer</h2>" in pages[link].text and "The query, in SPARQL" in pages[link].text for link in asked)
    query = copy / "question" / "affiliated-on-a-day.rq"
    assert query.read_text("utf-8") == client.get("/question/affiliated-on-a-day.rq").text
    rows = (copy / "question" / "affiliated-on-a-day.csv").read_bytes()
    assert rows == client.get("/question/affiliated-on-a-day.csv").content


def test_robots_find_every_page_by_the_sitemap(copy: Path, pages: dict[str, Page]) -> None:
    assert f"Sitemap: {URL}/sitemap.xml" in (copy / "robots.txt").read_text("utf-8")
    listed = (copy / "sitemap.xml").read_text("utf-8")
    missing = [path for path in pages if not path.endswith(".html") and f"<loc>{URL}{path}</loc>" not in listed]
    assert all("http-equiv" in pages[path].text for path in missing)
