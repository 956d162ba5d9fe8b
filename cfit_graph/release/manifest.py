"""The manifest of a release: its form, and what can be known of it without looking at other files."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cfit_graph.namespaces import BASE

if TYPE_CHECKING:
    from pathlib import Path

GRAPH: Final = "cfit.nq"
MANIFEST: Final = "manifest.json"
QUALITY: Final = "quality.ttl"
REPORT: Final = "report"
RETIRED: Final = "retired.json"
VERSION: Final = re.compile(r"(\d{4}-\d{2}-\d{2})\.([1-9]\d{0,5})", re.ASCII)

_MEMBERS = {
    **dict.fromkeys(("version", "published", "sources", "dataset"), str),
    **dict.fromkeys(("changes", "files", "findings", "ontology", "shapes"), dict),
    "statements": int,
}
_FILES = {GRAPH, QUALITY, RETIRED, f"{REPORT}.json"}
_COUNTS = ("activities", "pages")


def order(version: str) -> tuple[str, int]:
    """Return what versions are ordered by: the date, then the counter as a number."""
    date, _, number = version.partition(".")
    return date, int(number)


def read(path: Path) -> dict[str, Any]:
    """Return the manifest of the release in a folder.

    Raises:
        ValueError: if there is none, or it does not have the form.
    """
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"no manifest can be read ({error.strerror})") from None
    except ValueError as error:
        raise ValueError(f"not the manifest of a release ({error})") from None
    wrong = _wrong(manifest, path.name) if isinstance(manifest, dict) else ["form"]
    if wrong:
        raise ValueError(told(wrong))
    checked: dict[str, Any] = manifest
    return checked


def told(wrong: list[str]) -> str:
    """Return that members of a manifest are wrong."""
    return f"not the manifest of this release (wrong {', '.join(sorted(wrong))})"


def _wrong(manifest: dict[str, Any], version: str) -> list[str]:
    """Return the names of the members of a manifest that are not right."""
    wrong = [name for name, kind in _MEMBERS.items() if not isinstance(manifest.get(name), kind)]
    is_right = {
        "version": manifest.get("version") == version,
        "published": _is_time(manifest.get("published"), version),
        "previous": "previous" in manifest and _is_older_or_none(manifest["previous"], version),
        "restores": _is_older_or_none(manifest.get("restores"), version),
        "changes": "changes" in wrong or all(isinstance(manifest["changes"].get(it), int) for it in _COUNTS),
        "base": isinstance(manifest.get("base", BASE), str),
        "files": "files" in wrong or _are_described(manifest["files"]),
        "dataset": "files" in wrong or _is_hash_of_graph(manifest.get("dataset"), manifest["files"]),
    }
    return [*{*wrong, *(name for name, right in is_right.items() if not right)}]


def _is_time(value: Any, version: str) -> bool:
    """Tell whether a time has a zone and is of the day that the version names."""
    try:
        return datetime.fromisoformat(value).tzinfo is not None and value.startswith(version.partition(".")[0])
    except (TypeError, ValueError):
        return False


def _is_older_or_none(value: Any, version: str) -> bool:
    is_version = isinstance(value, str) and VERSION.fullmatch(value) is not None
    return value is None or (is_version and order(value) < order(version))


def _are_described(files: dict[str, Any]) -> bool:
    """Tell whether all files are told of that every release has, and each as :mod:`.draft` does."""
    return files.keys() >= _FILES and all(isinstance(described, dict) for described in files.values())


def _is_hash_of_graph(value: Any, files: dict[str, Any]) -> bool:
    """Tell whether a hash is that of the graph; the lines in its file are canonical, so it is the hash of the file."""
    described = files.get(GRAPH, {"sha256": value})
    return isinstance(described, dict) and described.get("sha256") == value
