import pytest

from cfit_graph.ids import is_lei, is_ror


@pytest.mark.parametrize("ror", ["056a6x975", "01yj5ad85", "04marky29", "0355ahf06", "015z29x25", "05f950310"])
def test_real_ror_ids_pass(ror: str) -> None:
    assert is_ror(f"https://ror.org/{ror}")


@pytest.mark.parametrize(
    "iri",
    [
        "https://ror.org/056a6x976",  # check digits
        "https://ror.org/065a6x975",  # swapped letters
        "https://ror.org/056a6i975",  # i is not in the alphabet
        "http://ror.org/056a6x975",
        "https://ror.org/056a6x975/",
        "",
    ],
)
def test_wrong_ror_ids_fail(iri: str) -> None:
    assert not is_ror(iri)


def test_every_single_wrong_digit_of_a_ror_id_is_seen() -> None:
    right = "056a6x975"
    wrong = {right[:i] + sign + right[i + 1 :] for i in range(1, 9) for sign in "0123456789" if right[i] != sign}
    assert not [ror for ror in wrong if is_ror(f"https://ror.org/{ror}")]


def test_lei_check_digits() -> None:
    assert is_lei("HWUPKR0MPOU8FGXBT394")
    assert not is_lei("HWUPKR0MPOU8FGXBT395")
    assert not is_lei("HWUPKR0MPOU8FGXBT3")
    assert not is_lei("hwupkr0mpou8fgxbt394")
