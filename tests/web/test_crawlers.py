"""Search engines find every page once, and are kept from what is made of others without end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from cfit_graph.settings import Settings
from tests.conftest import ROOT
from tests.web import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from cfit_graph.release import Release


def _listed(client: TestClient) -> list[str]:
    answer = client.get("/sitemap.xml")
    assert answer.headers["content-type"].partition(";")[0] == "application/xml"
    return [urlsplit(address).path for address in re.findall("<loc>(.*)</loc>", answer.text)]


def test_the_sitemap_lists_pages_that_are_there(client: TestClient) -> None:
    listed = _listed(client)
    assert len(listed) == len(set(listed))
    assert set(listed) >= set(PAGES) - {"/compare"}
    broken = [path for path in [*listed[:20], *listed[20::40]] if client.get(path).status_code != 200]
    assert not broken


def test_robots_are_kept_from_what_has_no_end(client: TestClient, released: Release) -> None:
    text = client.get("/robots.txt").text
    assert re.search(r"^Sitemap: http://.*/sitemap\.xml$", text, re.MULTILINE)
    closed = [re.escape(path).replace(r"\*", ".*") for path in re.findall("^Disallow: (.*)$", text, re.MULTILINE)]
    pattern = re.compile("|".join(closed))  # RFC 9309, 2.2.2: the beginning of an address
    endless = ("/cite?iri=x", "/compare", "/sparql?query=ASK%7B%7D", f"/release/{released.version}/doc/pact/cfit")
    assert all(pattern.match(path) for path in endless)
    assert not any(pattern.match(path) for path in [*_listed(client), f"/release/{released.version}"])


@pytest.mark.usefixtures("no_network")
def test_files_have_a_sitemap_too(open_client: Callable[..., TestClient]) -> None:
    client = open_client(Settings(root=ROOT), [ROOT / "data" / "pacts.ttl"])
    listed = _listed(client)
    assert listed[0] == "/sparql"
    assert "/doc/buyer-group/be-buyer-group-ict" in listed
