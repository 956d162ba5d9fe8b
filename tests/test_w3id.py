"""HT-40, HT-41: the one rule for w3id.org, applied as Apache's mod_rewrite does in a folder of its own."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

RULES = re.findall(
    r"^RewriteRule (\S+) (\S+) \[(.*)\]$", (ROOT / "deploy/w3id/.htaccess").read_text("utf-8"), re.MULTILINE
)


def _target(path: str) -> str:
    """Return where a path after ``/cfit/`` leads: in a folder, rules see it without what leads to the folder."""
    ((pattern, target, _),) = RULES
    found = re.search(pattern, path)
    assert found
    leads: str = target.replace("$1", found[1])
    return leads


@pytest.mark.parametrize(
    "path",
    ["", "id/pact/cfit", "doc/pact/cfit.ttl", "ns", "ns/1.0.0", "dataset", "release/2026-01-01.1", "context/v1.jsonld"],
)
def test_every_path_is_passed_on_as_it_is(path: str) -> None:
    assert _target(path) == f"https://data.example.org/{path}"


def test_the_redirect_may_change_and_is_the_last_word() -> None:
    ((_, _, flags),) = RULES
    assert set(flags.split(",")) == {"R=302", "L"}


def test_nothing_is_negotiated_there() -> None:
    assert "RewriteCond" not in (ROOT / "deploy/w3id/.htaccess").read_text("utf-8")
