"""Answers in XML: what it cannot hold is refused, wherever the pieces of the answer are cut."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from io import BytesIO

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfit_graph.errors import UsageError
from cfit_graph.namespaces import VOCABULARIES
from cfit_graph.store import engine
from cfit_graph.store.embedded import EmbeddedStore
from cfit_graph.store.formats import TRIPLES
from cfit_graph.store.xml import XmlOutput


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("sign", ["\x01", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_hold_is_refused(sign: str, size: int) -> None:
    output, text = XmlOutput(BytesIO()), f"ab{sign}".encode()
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    with pytest.raises(UsageError, match=f"U\\+{ord(sign):04X}"):
        list(map(output.write, pieces))


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_all_else_passes_and_carriage_returns_are_kept(size: int) -> None:
    written, text = BytesIO(), "a\t\n\ufffd\r\uffe6é".encode()
    output = XmlOutput(written)
    for start in range(0, len(text), size):
        output.write(text[start : start + size])
    assert written.getvalue() == "a\t\n\ufffd&#13;\uffe6é".encode()


RDF = VOCABULARIES["rdf"]
SUBJECT = ox.NamedNode("http://x/s")
TYPE = ox.NamedNode(f"{RDF}type")
RDF_XML = next(it for it in TRIPLES if it.name == "rdf")


def _rdf_xml(*triples: ox.Triple) -> bytes:
    output = BytesIO()
    engine.write(iter(triples), RDF_XML, output)
    return output.getvalue()


NAMEABLE = [
    "http://x/a",
    "http://x/1a",
    "http://x/-é",
    "http://x/a·1",
    "urn:x",
    "http://x/a:b",
    "http://x/\u00d7a",
    "x:中",
]
OTHERS = ["http://x/", "http://x/1", "http://x/x²", "http://x/ª", "http://x/a:1", "http://x/a\u00d7", "http://x/a#·"]
OTHERS += ["http://www.w3.org/2000/xmlns/foo", *(f"{RDF}{it}" for it in ("li", "Description", "about", "bagID"))]


@pytest.mark.parametrize("iri", NAMEABLE)
def test_what_is_a_name_names_properties_and_classes(iri: str) -> None:
    named = ox.NamedNode(iri)
    (about,) = ET.fromstring(_rdf_xml(ox.Triple(SUBJECT, named, SUBJECT)))
    assert about[0].tag.replace("{", "").replace("}", "") == iri
    (typed,) = ET.fromstring(_rdf_xml(ox.Triple(SUBJECT, TYPE, named)))
    assert typed.tag.replace("{", "").replace("}", "") == iri


@pytest.mark.parametrize("iri", OTHERS)
def test_what_is_no_name_is_refused(iri: str) -> None:
    named = ox.NamedNode(iri)
    for triple in (ox.Triple(SUBJECT, named, SUBJECT), ox.Triple(SUBJECT, TYPE, ox.Triple(SUBJECT, named, SUBJECT))):
        with pytest.raises(UsageError, match="cannot name the property"):
            _rdf_xml(triple)
    with pytest.raises(UsageError, match="cannot name the class"):
        _rdf_xml(ox.Triple(SUBJECT, TYPE, named))


def test_a_class_that_is_no_element_needs_no_name() -> None:
    triples = [ox.Triple(SUBJECT, ox.NamedNode("x:a"), SUBJECT), ox.Triple(SUBJECT, TYPE, ox.NamedNode("x:1"))]
    assert len(ET.fromstring(_rdf_xml(*triples))[0]) == 2


@given(st.text(st.sampled_from("aZ_é²ª·-.1:/#~\u00d7÷\u0301中"), min_size=1, max_size=8))
def test_any_property_and_class_is_well_formed_or_refused(end: str) -> None:
    iri = f"http://x/{end}"
    try:
        named = ox.NamedNode(iri)
    except ValueError:
        return
    for triple in (ox.Triple(SUBJECT, named, SUBJECT), ox.Triple(SUBJECT, TYPE, named)):
        try:
            answer = _rdf_xml(triple)
        except UsageError:
            continue
        ET.fromstring(answer)
        assert [quad.triple for quad in ox.parse(answer, format=ox.RdfFormat.RDF_XML)] == [triple]


@pytest.mark.parametrize("media_type", ["application/rdf+xml", "application/ld+json"])
def test_what_a_format_cannot_hold_is_a_fault_of_the_request(media_type: str) -> None:
    with pytest.raises(UsageError, match="take another format"):
        EmbeddedStore([]).query("CONSTRUCT { <a:a> <a:1> <<( <a:a> <a:b> 1 )>> } {}", media_type)
