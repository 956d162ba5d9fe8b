"""``/validate`` by plain HTTP: for programs, and for people without JavaScript."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from rdflib import SH, Graph

from cfit_graph.web import drafts
from cfit_graph.web.routes.validate import FORMATS
from tests.conftest import ROOT
from tests.tables import workbook
from tests.test_bad_files import BAD
from tests.web import BROWSER, problem

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import Response
    from starlette.testclient import TestClient

WATCH = "https://w3id.org/cfit/id/organization/electronics-watch"
TWICE = f'<{WATCH}>\n  <http://www.w3.org/2004/02/skos/core#prefLabel> "Another name"@en .\n'
TURTLE = {"Content-Type": "text/turtle"}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XSS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</textarea><svg onload=alert(1)>", "{{7*7}}"]


def _xlsx(name: str) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    assert book.active
    book.active.title = "organizations"
    for row in (["id", "name (en)"], ["electronics-watch", name]):
        book.active.append(row)
    book.save(content)
    return content.getvalue()


SAMPLES: dict[str, bytes] = {
    "draft.ttl": TWICE.encode(),
    "draft.trig": f"<http://example.org/g> {{ {TWICE} }}".encode(),
    "draft.nt": TWICE.replace("\n", "").encode(),
    "draft.nq": TWICE.replace("\n", "").encode(),
    "draft.jsonld": json.dumps(
        {"@id": WATCH, "http://www.w3.org/2004/02/skos/core#prefLabel": {"@value": "Another name", "@language": "en"}}
    ).encode(),
    "organizations.csv": b"id,name (en)\nelectronics-watch,=1+1\n",
    "organizations.xlsx": _xlsx("=1+1"),
}


class _Page(HTMLParser):
    """The elements of a page with their attributes, and the text in the text area."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text, self._in_text = "", False
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._in_text = tag == "textarea" or (self._in_text and tag not in {"p", "form"})

    def handle_endtag(self, tag: str) -> None:
        self._in_text = self._in_text and tag != "textarea"

    def handle_data(self, data: str) -> None:
        self.text += data if self._in_text else ""

    def fields(self) -> dict[str, str]:
        inputs = [attrs for tag, attrs in self.elements if tag == "input" and attrs["name"] in {"name", "content"}]
        found = {attrs["name"]: attrs.get("value", "") for attrs in inputs}
        return found | {"text": self.text.removeprefix("\n")}

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.elements if name == tag and wanted.items() <= attrs.items()]


def _post(client: TestClient, fields: dict[str, str], file: tuple[str, bytes] = ("", b"")) -> Response:
    return client.post("/validate", headers=BROWSER, data=fields, files={"file": file})


def _count(view: str, body: str) -> int:
    """Return how many findings a report has."""
    if view == "json":
        return len(json.loads(body)["findings"])
    if view == "csv":
        return len(list(csv.DictReader(io.StringIO(body))))
    if view == "sarif":
        return len(json.loads(body)["runs"][0]["results"])
    if view == "junit":
        return len(ET.fromstring(body).findall(".//failure"))
    if view == "turtle":
        return len(list(Graph().parse(data=body, format="turtle").objects(predicate=SH.result)))
    if view == "jsonld":
        return len(list(Graph().parse(data=body, format="json-ld").objects(predicate=SH.result)))
    found = re.search(r"Does not conform: (\d) violations?,", body)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("view", FORMATS)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_in_every_view(client: TestClient, name: str, view: str) -> None:
    answer = client.post("/validate", params={"name": name, "format": view}, content=SAMPLES[name])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(FORMATS[view][0])
    assert answer.headers["cache-control"] == "no-store"
    assert _count(view, answer.text) == (2 if name.startswith("organizations") else 1)
    assert "/tmp" not in answer.text


def test_findings_are_told_in_the_language_of_the_client(client: TestClient) -> None:
    told = (
        ("nl-BE, en;q=0.5", "nl", "Geef één naam per taal", "Organisaties en samenwerkingsverbanden hebben"),
        ("fr", "en", "Give one name", "Organizations and collaborations have"),
    )
    for asked, language, words, reason in told:
        headers = TURTLE | {"Accept-Language": asked}
        for accept in ("application/json", "text/html", "application/sarif+json"):
            answer = client.post("/validate", headers=headers | {"Accept": accept}, content=TWICE.encode())
            assert words in answer.text
            assert answer.headers["content-language"] == language
            assert (reason in answer.text) == (accept != "application/json")  # which has no reasons
            assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
        graph = client.post("/validate", headers=headers | {"Accept": "text/turtle"}, content=TWICE.encode())
        assert "content-language" not in graph.headers
        messages = Graph().parse(data=graph.text, format="turtle").objects(predicate=SH.resultMessage)
        assert {text.language for text in messages} == {"en", "nl"}  # type: ignore[attr-defined]


def test_the_page_is_kept_and_given_in_each_language(client: TestClient) -> None:
    for _ in range(2):
        for language, title in (("en", "Check a draft"), ("nl", "Een concept controleren")):
            answer = client.get("/validate", headers=BROWSER | {"Accept-Language": language})
            page = _Page(answer)
            assert f"<h1>{title}</h1>" in answer.text
            assert answer.headers["content-language"] == language
            assert "Accept-Language" in answer.headers["vary"]
            assert page.all("main", lang=language)
            assert page.all("html", lang="en")


def test_the_content_type_says_what_the_draft_is(client: TestClient) -> None:
    for media_type, name in drafts.NAMES.items():
        if name in SAMPLES:
            answer = client.post("/validate", headers={"Content-Type": media_type}, content=SAMPLES[name])
            assert answer.json()["findings"][0]["file"] == name
    workbook = client.post("/validate", headers={"Content-Type": SHEET}, content=SAMPLES["organizations.xlsx"])
    assert {found["cell"] for found in workbook.json()["findings"]} == {"B2"}


def test_the_accept_header_says_what_the_answer_is(client: TestClient) -> None:
    for view, (media_type, _) in FORMATS.items():
        headers = TURTLE | {"Accept": media_type}
        answer = client.post("/validate", headers=headers, content=TWICE)
        assert answer.headers["content-type"].partition(";")[0] == media_type
        assert "Accept" in answer.headers["vary"]
        assert ('<form id="check"' in answer.text) == (view == "html")
        assert "content-disposition" not in answer.headers


def test_the_verdict_is_in_the_answer(client: TestClient) -> None:
    bad = client.post("/validate", headers=TURTLE, content=TWICE)
    good = client.post("/validate", headers=TURTLE, content=TWICE.replace("prefLabel", "altLabel"))
    assert (bad.status_code, bad.json()["conforms"]) == (200, False)
    assert (good.status_code, good.json()["conforms"]) == (200, True)
    assert 'rel="describedby"' in bad.headers["link"]
    (found,) = bad.json()["findings"]
    assert (found["file"], found["line"], found["column"]) == ("draft.ttl", 1, 1)


def test_alone_is_alone(client: TestClient) -> None:
    source = TWICE + f"<{WATCH}> <http://purl.org/dc/terms/source> <https://w3id.org/cfit/id/source/cfit-home> ."
    together, alone = (
        client.post("/validate", params={"scope": scope}, headers=TURTLE, content=source).json()["findings"]
        for scope in ("release", "alone")
    )
    assert {found["rule"] for found in together} != {found["rule"] for found in alone}


@pytest.mark.parametrize(("name", "content", "message"), BAD, ids=[name for name, _, _ in BAD])
def test_bad_files_are_refused_with_one_clear_message(
    client: TestClient, name: str, content: bytes, message: str
) -> None:
    answer = client.post("/validate", params={"name": name}, content=content)
    told = problem(
        answer, answer.status_code, "draft-unreadable" if answer.status_code == 400 else "unsupported-media-type"
    )
    assert answer.status_code in {400, 415}
    found = re.match(r"\S*?(:\d+:\d*)?(?: \([^)]*\))?:? (.*)", f"{message} ")
    assert found
    place, reason = found.groups(default="")
    if place and not place.endswith(":"):
        assert f":{told['line']}:{told['column']}" == place
    assert reason.strip() in told["detail"]
    assert "/tmp" not in answer.text


@pytest.mark.parametrize(
    ("parameters", "headers", "content", "status", "kind"),
    [
        ({}, {"Content-Type": "application/pdf"}, b"x", 415, "unsupported-media-type"),
        ({}, {}, b"x", 415, "unsupported-media-type"),
        ({}, {"Content-Type": "application/rdf+xml"}, b"<x/>", 415, "unsupported-media-type"),
        ({"name": "a.rdf"}, {}, b"<x/>", 415, "unsupported-media-type"),
        ({"name": "a.zip"}, {}, b"x", 415, "unsupported-media-type"),
        ({"name": "\x1b[31m.ttl"}, {}, b"", 400, "bad-request"),
        ({"name": "x" * 200 + ".ttl"}, {}, b"", 400, "bad-request"),
        ({"name": "図" * 96 + ".ttl"}, {}, b"", 400, "bad-request"),
        ({"scope": "all"}, TURTLE, b"", 400, "bad-request"),
        ({"format": "pdf"}, TURTLE, b"", 400, "bad-request"),
        ({}, TURTLE | {"Content-Encoding": "gzip"}, b"x", 415, "unsupported-media-type"),
        ({}, TURTLE | {"Accept": "image/png"}, b"", 406, "not-acceptable"),
        ({}, TURTLE, b"#" * (5 << 20) + b"#", 413, "draft-too-large"),
        ({}, {"Content-Type": "multipart/form-data"}, b"x", 400, "bad-request"),
        ({}, {"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nno head", 400, "bad-request"),
    ],
)
def test_what_is_asked_wrongly_is_refused(
    client: TestClient, parameters: dict[str, str], headers: dict[str, str], content: bytes, status: int, kind: str
) -> None:
    problem(client.post("/validate", params=parameters, headers=headers, content=content), status, kind)


def test_a_name_is_no_path(client: TestClient) -> None:
    answer = client.post("/validate", params={"name": "../../etc/..\\draft.ttl"}, content=TWICE)
    assert answer.json()["findings"][0]["file"] == "draft.ttl"


def test_shapes_of_others_are_not_taken(client: TestClient) -> None:
    shape = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
        ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:b ; sh:minCount 1 ; sh:message "mine" ] ."""
    assert "mine" not in client.post("/validate", headers=TURTLE, content=shape).text


def test_the_form_is_there_and_says_what_it_takes(client: TestClient) -> None:
    page = _Page(client.get("/validate", headers=BROWSER))
    (form,) = page.all("form")
    assert (form["method"], form["enctype"], form["action"]) == ("post", "multipart/form-data", "/validate")
    labels = {attrs.get("for") for attrs in page.all("label")}
    assert {"file", "text", "name"} <= labels
    assert page.all("p", id="verdict", role="status")


def test_a_correction_by_hand_from_finding_to_clean_file(client: TestClient) -> None:
    entity = _Page(client.get("/doc/organization/electronics-watch", headers=BROWSER))
    (address,) = [link["href"] for link in entity.all("a") if link["href"].startswith("/validate?about=")]
    fields = _Page(client.get(address, headers=BROWSER)).fields()
    assert "organization:electronics-watch a " in fields["text"]
    wrong = fields | {"text": fields["text"].replace("skos:prefLabel", "skos:prefLabels")}
    found = _Page(_post(client, wrong))
    places = [link["href"] for link in found.all("a", **{"class": "place"})]
    assert places
    assert all(found.all("tr", id=place.removeprefix("#")) for place in places)
    mended = found.fields() | {"text": found.fields()["text"].replace("prefLabels", "prefLabel")}
    clean = _post(client, mended)
    assert "Conforms: 0 violations" in clean.text
    file = _post(client, mended | {"format": "file"})
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''draft.ttl"
    assert file.text == fields["text"]
    report = _post(client, wrong | {"format": "json"})
    assert report.headers["content-disposition"].endswith("draft-report.json")
    assert len(report.json()["findings"]) == 2


def _misspelt(client: TestClient) -> dict[str, str]:
    """Return the form with a draft of a thing in which two words are misspelt."""
    fields = _Page(client.get("/validate", params={"about": WATCH}, headers=BROWSER)).fields()
    text = (
        fields["text"]
        .replace("stakeholder-type:ngo", "stakeholder-type:ngoo")
        .replace("monitoring-body", "monitorring-body")
    )
    assert text != fields["text"]
    return fields | {"text": "# kept\n" + text}


def test_one_proposal_is_carried_out_and_nothing_else(client: TestClient) -> None:
    wrong = _misspelt(client)
    page = _Page(_post(client, wrong))
    buttons = [button["value"] for button in page.all("button", name="fix") if button["value"] != "safe"]
    assert len(buttons) == 2
    texts = {_Page(_post(client, wrong | {"fix": button})).fields()["text"] for button in buttons}
    assert texts == {wrong["text"].replace("ngoo", "ngo"), wrong["text"].replace("orring", "oring")}


def test_all_that_is_safe_is_carried_out_and_the_file_taken_away(client: TestClient) -> None:
    wrong = _misspelt(client)
    assert _Page(_post(client, wrong)).all("button", name="fix", value="safe")
    mended = _post(client, wrong | {"fix": "safe"})
    assert "Does not conform: 1 violation," in mended.text  # so short a word may be another one
    assert not _Page(mended).all("button", name="fix", value="safe")
    right = wrong["text"].replace("orring", "oring")
    assert _Page(mended).fields()["text"] == right
    parameters = {"name": "draft.ttl", "fix": "safe", "format": "file"}
    assert client.post("/validate", params=parameters, content=wrong["text"].encode()).text == right


def test_a_proposal_that_is_not_there_changes_nothing(client: TestClient) -> None:
    wrong = _misspelt(client)
    assert _Page(_post(client, wrong | {"fix": "no fingerprint"})).fields() == wrong


def test_a_program_is_told_that_there_is_no_such_proposal(client: TestClient) -> None:
    parameters, text = {"name": "draft.ttl", "fix": "no fingerprint"}, _misspelt(client)["text"].encode()
    for more in ({}, {"format": "file"}, {"format": "json"}):
        answer = client.post("/validate", params=parameters | more, content=text)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "bad-request")
        assert "'no fingerprint'" in answer.json()["detail"]


def test_an_uploaded_workbook_is_shown_marked_and_sent_again(client: TestClient) -> None:
    content = SAMPLES["organizations.xlsx"]
    page = _Page(_post(client, {"text": "not this"}, ("organizations.xlsx", content)))
    assert page.all("td", id="cell-organizations-B2")
    fields = page.fields()
    assert base64.b64decode(fields["content"]) == content
    again = _Page(_post(client, fields))
    assert again.all("td", id="cell-organizations-B2")


def test_a_workbook_is_mended_cell_by_cell_and_taken_away(client: TestClient, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["id", "name (en)", "stakeholder type", "place", "source"],
        ["example-office", "Example Office", "goverment agency", "Netherlands", "cfit-participants | cfit-hme"],
    ]
    content = workbook(tmp_path / "new.xlsx", organizations=rows).read_bytes()
    page = _Page(_post(client, {"text": ""}, ("new.xlsx", content)))
    one, *others = [button["value"] for button in page.all("button", name="fix") if button["value"] != "safe"]
    fields = _Page(_post(client, page.fields() | {"fix": one})).fields()
    once = _cells(base64.b64decode(fields["content"]))
    assert sum(a != b for a, b in zip(once, rows[1], strict=True)) == 1
    assert others
    mended = _post(client, page.fields() | {"fix": "safe"})
    assert "Does not conform: 1 violation," in mended.text  # a source that may not have been described yet
    assert not _Page(mended).all("button", name="fix", value="safe")
    file = _post(client, _Page(mended).fields() | {"format": "file"})
    assert file.headers["content-disposition"].endswith("new.xlsx")
    assert _cells(file.content)[2:] == ["government agency", "Netherlands", "cfit-participants | cfit-hme"]


def test_what_breaks_a_rule_in_two_ways_has_one_entry_and_one_button(client: TestClient) -> None:
    text = f'<{WATCH}> <http://xmlns.com/foaf/0.1/homepage> "htps://electronicswatch.org" .'
    answer = _post(client, {"text": text, "name": "draft.ttl"})
    assert "Does not conform: 2 violations," in answer.text  # neither an address nor written as one
    page = _Page(answer)
    assert [entry["id"] for entry in page.all("li", tabindex="-1")] == ["finding-1"]
    assert len(page.all("button", name="fix")) == 1


def _cells(content: bytes) -> list[object]:
    """Return what stands in the second row of the organizations in a workbook."""
    return [cell.value for cell in openpyxl.load_workbook(io.BytesIO(content))["organizations"][2]]


def test_an_uploaded_text_is_shown_and_can_be_mended(client: TestClient) -> None:
    page = _Page(_post(client, {"text": ""}, ("mine.ttl", b"\xef\xbb\xbf" + TWICE.encode())))
    assert page.fields() == {"name": "mine.ttl", "text": TWICE}
    table = _Page(_post(client, {"text": ""}, ("organizations.csv", SAMPLES["organizations.csv"])))
    assert table.all("td", id="cell--B2")


def test_what_cannot_be_read_is_marked_on_its_line(client: TestClient) -> None:
    answer = _post(client, {"text": "\n\n<a> <b> .", "name": "draft.ttl"})
    assert answer.status_code == 400
    assert _Page(answer).all("tr", id="line-3")
    binary = _post(client, {}, ("draft.ttl", bytes(range(256))))
    assert binary.status_code == 400
    assert "cannot be judged" in binary.text


@pytest.mark.parametrize("attack", XSS)
def test_what_is_sent_is_only_shown(client: TestClient, attack: str) -> None:
    literal = json.dumps(attack)
    texts = {
        "draft.ttl": f"<{WATCH}> <http://www.w3.org/2004/02/skos/core#prefLabel> {literal} .",
        "broken.ttl": f"{attack} {literal}",
        "organizations.csv": 'id,name (en)\n"' + attack.replace('"', '""') + '",x\n',
    }
    for name, text in texts.items():
        page = _post(client, {"text": text, "name": name})
        assert attack not in page.text or attack == "{{7*7}}"
        assert not {name for _, attrs in _Page(page).elements for name in attrs if name.startswith("on")}
        assert len(_Page(page).all("script")) == 1
        html = client.post("/validate", params={"name": name, "format": "html"}, content=text.encode())
        assert "<script>" not in html.text


def test_long_texts_show_the_lines_near_findings() -> None:
    text = "\n".join(map(str, range(1, 5001)))
    lines = drafts.listing(text, [{"line": 4000}])
    assert [line["number"] for line in lines] == [3997, 3998, 3999, 4000, 4001, 4002, 4003]
    assert [line["gap"] for line in lines] == [True] + [False] * 6
    assert lines[3]["findings"] == [{"line": 4000}]
    assert len(drafts.listing(text, [])) == 1000
    assert [line["gap"] for line in drafts.listing("a\nb", [])] == [False, False]


def test_every_page_of_a_thing_leads_to_its_draft(client: TestClient) -> None:
    for path in ("/doc/pact/cfit", "/doc/role/procuring", "/doc/source/cfit-home"):
        page = _Page(client.get(path, headers=BROWSER))
        (address,) = [link["href"] for link in page.all("a") if link["href"].startswith("/validate?about=")]
        fields = _Page(client.get(address, headers=BROWSER)).fields()
        report = client.post("/validate", params={"name": "draft.ttl"}, content=fields["text"].encode()).json()
        assert report["conforms"], report


def test_there_is_no_draft_of_nothing(client: TestClient) -> None:
    problem(client.get("/validate", params={"about": "http://example.org/nothing"}), 404, "not-found")


def test_the_data_as_they_are_pass(client: TestClient) -> None:
    for path in sorted((ROOT / "data").glob("*.ttl"))[:2]:
        report: dict[str, Any] = client.post("/validate", params={"name": path.name}, content=path.read_bytes()).json()
        assert report["conforms"]
