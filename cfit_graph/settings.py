"""What can be configured: one field per setting, read from ``CFIT_*`` environment variables."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cfit_graph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE = Path(__file__).parent


def _root() -> Path:
    """Return the checkout that holds ontology/, data/ and shapes/, else the copy inside the installed package."""
    return _PACKAGE.parent if (_PACKAGE.parent / "ontology").is_dir() else _PACKAGE / "_graph"


@dataclass(frozen=True)
class Settings:
    """All settings. The environment name of ``host`` is ``CFIT_HOST``, and so on."""

    root: Path = field(default_factory=_root, metadata={"help": "Folder that holds ontology/, data/ and shapes/."})
    releases: Path = field(
        default=Path("releases"), metadata={"help": "Folder for built releases, relative to the working directory."}
    )
    public_url: str = field(
        default="",
        metadata={"help": "Address at which the server is reached from outside, put before the target of redirects."},
    )
    host: str = field(default="127.0.0.1", metadata={"help": "Address the server listens on."})
    port: int = field(default=8000, metadata={"help": "Port the server listens on."})

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read settings from ``CFIT_*`` variables of ``environ``.

        Raises:
            UsageError: naming every unknown variable and bad value at once.
        """
        known = {f"CFIT_{setting.name.upper()}": setting for setting in fields(cls)}
        given = {name: value for name, value in environ.items() if name.startswith("CFIT_")}
        problems = [f"{name} is not a setting (there are {', '.join(known)})" for name in given if name not in known]
        values: dict[str, Any] = {}
        for name in given.keys() & known.keys():
            try:
                values[known[name].name] = _convert(known[name].name, given[name])
            except ValueError as error:
                problems.append(f"{name}: {error}")
        if problems:
            raise UsageError("; ".join(sorted(problems)))
        return cls(**values)


def _convert(name: str, value: str) -> str | int | Path:
    if name == "port":
        if not value.isdecimal() or not 0 <= int(value) < 65536:
            raise ValueError(f"{value!r} is not a port; give a number from 0 to 65535")
        return int(value)
    if name in {"root", "releases"}:
        return Path(value)
    if name == "public_url" and value and not value.startswith(("http://", "https://")):
        raise ValueError(f"{value!r} is not an address; start it with https://")
    return value.rstrip("/") if name == "public_url" else value
