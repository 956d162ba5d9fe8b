"""The thirty awkward cases of the domain: where each lives, as real data or, where there is none yet, as a fixture."""

from __future__ import annotations

import pytest

from cfit_graph import source
from cfit_graph.namespaces import PREFIXES
from tests.conftest import ROOT

CASES = {
    1: ["matter:austrian-membership", "change:at-bmk-split-2025", "affiliation:at-bmluk-coordinating"],
    2: ["name:de-bmukn-bmu-name", "name:de-bmukn-bmukn-name"],
    3: ["name:ie-decc-former-name-ga", "name:ie-decc-current-name-ga"],
    4: ["change:nl-ezk-split-2024", "organization:nl-ez", "organization:nl-kgg"],
    5: ["change:no-viken-split-2024", "document:case-smartphone-lifetime", "contribution:no-viken"],
    6: ["name:ca-cic-recycling-council-of-ontario", "name:global-electronics-council-green-electronics-council"],
    7: ["matter:circular-innovation-council-signature", "affiliation:ca-tbs-coordinating"],
    8: ["matter:founding-signatories"],
    9: ["matter:england-or-united-kingdom", "place:gb"],
    10: ["affiliation:ca-tbs-coordinating", "affiliation:ca-tbs-procuring", "affiliation:ie-ogp-procuring"],
    11: ["organization:ie-ogp"],
    12: ["affiliation:int-paho-procuring", "contribution:int-paho-antwerp", "event:paho-declaration-2023"],
    13: ["organization:un-unops", "organization/invalid.withdrawn-identifier-in-use.ttl"],
    14: ["organization:de-uba", "organization/valid.homonyms.ttl"],
    15: ["affiliation:ch-pair-procuring", "membership:electronics-watch-affiliates-ch-pair"],
    16: ["affiliation:global-electronics-council-supporting", "membership:cep-global-electronics-council"],
    17: ["organization:tco-development"],
    18: ["matter:quantity-target", "source:cfit-home-2021", "source:cfit-home"],
    19: ["letter:tco-development", "letter:global-electronics-council", "affiliation:be-engis-participant"],
    20: ["source:cfit-participants"],
    21: ["matter:greentech-forum-date", "event:greentech-forum-session"],
    22: ["matter:wg-ethics-ict-size"],
    23: ["organization:no-dfo", "organization:be-wal", "name/valid.other-scripts.ttl"],
    24: ["organization:be-fido"],
    25: ["endorsement:be-fido", "endorsement:si-mope"],
    26: ["pact:european-plastics-pact"],
    27: [
        "collaboration:plastics-pact-network",
        "membership:cep-pace",
        "membership/valid.pact-whose-members-are-pacts.ttl",
    ],
    28: ["affiliation/valid.departed-member.ttl"],
    29: ["document:case-flemish-fairphone-projects", "affiliation/invalid.supplier-in-case-study-as-supporter.ttl"],
    30: ["source:wikimili-kgg", "source:wikipedia-green-electronics-council"],
}


@pytest.fixture(scope="module")
def subjects() -> set[str]:
    paths = [*source.files(ROOT / "ontology"), *source.files(ROOT / "data")]
    return {str(subject) for path in paths for subject in source.read(path).subjects()}


@pytest.mark.parametrize("number", range(1, 31))
def test_each_case_has_its_place(subjects: set[str], number: int) -> None:
    for place in CASES[number]:
        if place.endswith(".ttl"):
            assert (ROOT / "tests" / "shapes" / place).is_file(), place
        else:
            prefix, _, slug = place.partition(":")
            assert PREFIXES[prefix] + slug in subjects, place
