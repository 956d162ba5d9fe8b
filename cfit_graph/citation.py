"""Citations of a release, of a thing in it, and of an answer from it: as text, BibTeX, CFF and JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cfit_graph import queries
from cfit_graph.errors import UnknownEntity
from cfit_graph.namespaces import LICENCE, LICENCE_ID
from cfit_graph.store.rows import rows
from cfit_graph.texts import CITATION

if TYPE_CHECKING:
    from datetime import datetime

    from cfit_graph.store import Store

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_IN_TEX: Final = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_"}
    | {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}  # BibTeX counts braces that are escaped, too
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


@dataclass(frozen=True)
class Dataset:
    """What the graph says of itself: title, names of who made it, and the IRI of its licence."""

    title: str
    authors: tuple[str, ...]
    licence: str


@dataclass(frozen=True)
class Citation:
    """What is cited: the dataset, which part of it (empty: all), version and time of the release, and the address.

    ``hashed`` says of what ``sha256`` (hex) is the hash; both are empty where there is none.
    """

    dataset: Dataset
    part: str
    version: str
    published: datetime
    address: str
    hashed: str = ""
    sha256: str = ""

    @property
    def title(self) -> str:
        """The title of what is cited."""
        return f"{self.dataset.title}: {self.part}" if self.part else self.dataset.title

    @property
    def _key(self) -> str:
        """What tells it from other citations in one bibliography: the hash of an answer, the name of a thing."""
        part = self.sha256[:8] or "-".join(self.address.split("/")[-2:])
        return "-".join(["cfit", self.version, *([part] if self.part else [])])

    @property
    def _hash(self) -> str:
        return f"SHA-256 {self.hashed}: {self.sha256}." if self.sha256 else ""

    def text(self) -> str:
        """Return the citation in one line for people."""
        by = "; ".join(self.dataset.authors)
        stop = "" if self.title.endswith(("?", "!", ".")) else "."
        told = f"{by} ({self.published:%Y}). {self.title}{stop} {CITATION['release']} {self.version}. {self.address}"
        return f"{told} {self._hash}".rstrip() + "\n"

    def bibtex(self) -> str:
        """Return an entry for BibTeX; braces keep names of bodies whole."""
        fields = {
            "author": " and ".join(f"{{{_tex(name)}}}" for name in self.dataset.authors),
            "title": f"{{{_tex(self.title)}}}",
            "year": f"{self.published:%Y}",
            "version": _tex(self.version),
            "url": self.address,
            "note": _tex(f"{CITATION['release']} {self.version}. {self._hash}".rstrip()),
        }
        lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items()]
        return f"@misc{{{self._key},\n{''.join(lines)}  month = {_MONTHS[self.published.month - 1]},\n}}\n"

    def cff(self) -> str:
        """Return a CITATION.cff, version 1.2.0 of the format; its values are JSON, which YAML can hold."""
        said: dict[str, Any] = {
            "cff-version": "1.2.0",
            "message": CITATION["message"],
            "type": "dataset",
            "title": self.title,
            "version": self.version,
            "date-released": f"{self.published:%Y-%m-%d}",
            **self._licence,
            "url": self.address,
            "authors": [{"name": name} for name in self.dataset.authors],
        }
        if self.sha256:
            about = f"SHA-256 {self.hashed}"
            said["identifiers"] = [{"type": "other", "value": f"sha256:{self.sha256}", "description": about}]
        return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in said.items())

    @property
    def _licence(self) -> dict[str, str]:
        """The licence as CFF wants it: by its identifier, where it is the one that is known to have one."""
        licence = self.dataset.licence
        return {"license": LICENCE_ID} if licence == LICENCE else {"license-url": licence}

    def as_json(self) -> str:
        """Return all of it for programs."""
        said = {
            "title": self.title,
            "authors": self.dataset.authors,
            "licence": self.dataset.licence,
            "release": self.version,
            "published": f"{self.published:%Y-%m-%dT%H:%M:%SZ}",
            "url": self.address,
            "sha256": self.sha256 or None,
            "text": self.text().strip(),
            "bibtex": self.bibtex(),
            "cff": self.cff(),
        }
        return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def dataset(store: Store, base: str) -> Dataset:
    """Return what a graph says of itself, as ``{base}dataset``.

    Raises:
        UnknownEntity: if it says nothing.
    """
    found = rows(store, queries.load("cite-dataset", dataset=f"{base}dataset"))
    if not found:
        raise UnknownEntity("The graph does not say what it is called, who made it and under which licence.")
    title, licence = found[0]["title"]["value"], found[0]["licence"]["value"]
    return Dataset(title, tuple(dict.fromkeys(row["creator"]["value"] for row in found)), licence)


def _tex(text: str) -> str:
    """Return text with the signs escaped that mean something to TeX."""
    return text.translate(_IN_TEX)
