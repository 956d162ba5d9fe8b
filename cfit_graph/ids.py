"""Check digits of the identifiers we publish."""

import re
from typing import Final

ROR_SIGNS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""The digits of base 32 that ROR counts by: without i, l, o and u."""
ROR: Final = re.compile(r"https://ror\.org/0([0-9a-hj-km-np-tv-z]{6})([0-9]{2})")
"""The form of a ROR IRI; its two groups are the number and its check digits."""
LEI: Final = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
"""The form of a legal entity identifier."""


def is_ror(iri: str) -> bool:
    """Tell whether ``iri`` is a ROR IRI with right check digits (ISO 7064 MOD 97-10 over base-32 digits).

    >>> is_ror("https://ror.org/056a6x975")
    True
    >>> is_ror("https://ror.org/056a6x976")
    False
    """
    match = ROR.fullmatch(iri)
    if match is None:
        return False
    number = 0
    for digit in match[1]:
        number = number * 32 + ROR_SIGNS.index(digit)
    return 98 - number * 100 % 97 == int(match[2])


def is_lei(code: str) -> bool:
    """Tell whether ``code`` is a legal entity identifier with right check digits (ISO 17442, ISO 7064 MOD 97-10).

    >>> is_lei("HWUPKR0MPOU8FGXBT394")
    True
    >>> is_lei("HWUPKR0MPOU8FGXBT349")
    False
    """
    return LEI.fullmatch(code) is not None and int("".join(str(int(sign, 36)) for sign in code)) % 97 == 1
