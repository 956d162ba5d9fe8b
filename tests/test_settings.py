from datetime import UTC, datetime
from pathlib import Path

import pytest

from cfit_graph.errors import UsageError
from cfit_graph.settings import Settings


def test_defaults_find_the_checkout() -> None:
    assert (Settings.from_env({}).root / "ontology" / "cfit.ttl").is_file()


def test_values_are_read_and_typed() -> None:
    settings = Settings.from_env({"CFIT_PORT": "9000", "CFIT_RELEASES": "/r", "CFIT_PUBLIC_URL": "https://x.example/"})
    assert (settings.port, settings.releases, settings.public_url) == (9000, Path("/r"), "https://x.example")


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        Settings.from_env({"CFIT_PROT": "1", "CFIT_PORT": "70000", "CFIT_PUBLIC_URL": "x.example", "PATH": "/"})
    for part in (
        "CFIT_PROT is not a setting",
        "'70000' is not a whole number from 0 to 65535",
        "start it with https://",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize("name", ["CFIT_PUBLIC_URL", "CFIT_BASE_IRI"])
@pytest.mark.parametrize("sign", ["?", "#"])
def test_an_address_that_paths_are_put_behind_has_no_query_and_no_fragment(name: str, sign: str) -> None:
    with pytest.raises(UsageError, match=rf"{name}: .* has a \{sign} in it, .* leave out what begins with \{sign}"):
        Settings.from_env({name: f"https://x.example/{sign}a/"})
    endpoint = f"https://x.example/sparql{sign}a=b"
    assert Settings.from_env({"CFIT_ENDPOINT": endpoint}).endpoint == endpoint


def test_the_time_of_publication_can_be_set() -> None:
    settings = Settings.from_env({"SOURCE_DATE_EPOCH": "1800000000", "OTHER": "x"})
    assert settings.clock() == datetime(2027, 1, 15, 8, tzinfo=UTC)
    before = datetime.now(UTC)
    assert before <= Settings.from_env({}).clock() <= datetime.now(UTC)


@pytest.mark.parametrize("value", ["", "-1", "now", "1.5", "999999999999999"])
def test_a_time_that_is_none_is_named(value: str) -> None:
    with pytest.raises(UsageError, match=f"SOURCE_DATE_EPOCH: '{value}' is not a whole number from 0"):
        Settings.from_env({"SOURCE_DATE_EPOCH": value})
