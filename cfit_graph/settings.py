"""What can be configured: one field per setting, read from the environment."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cfit_graph.errors import UsageError
from cfit_graph.files import home
from cfit_graph.namespaces import BASE

if TYPE_CHECKING:
    from collections.abc import Mapping


def variable(setting: Field[Any]) -> str:
    """Return the name of a setting in the environment: of ``host`` it is ``CFIT_HOST``, and so on."""
    name: str = setting.metadata.get("variable", f"CFIT_{setting.name.upper()}")
    return name


@dataclass(frozen=True)
class Settings:
    """All settings."""

    root: Path = field(default_factory=home, metadata={"help": "Folder that holds ontology/, data/ and shapes/."})
    releases: Path = field(
        default=Path("releases"), metadata={"help": "Folder for built releases, relative to the working directory."}
    )
    base_iri: str = field(
        default=BASE,
        metadata={
            "help": "What the IRIs begin with that are built and served: `id/`, `doc/`, `dataset`, `release/`, `feed`, "
            "`graph/`. A release is served under the one it was built for."
        },
    )
    public_url: str = field(
        default="",
        metadata={
            "help": "Address at which the server is reached from outside, put before absolute addresses in answers."
        },
    )
    host: str = field(default="127.0.0.1", metadata={"help": "Address the server listens on."})
    port: int = field(default=8000, metadata={"help": "Port the server listens on."})
    processes: int = field(default=1, metadata={"help": "Web processes; they share one store process."})
    workers: int = field(default=8, metadata={"help": "Queries answered at the same time, per web process."})
    queue: int = field(default=64, metadata={"help": "Queries that may wait for a worker, per web process."})
    query_seconds: int = field(default=30, metadata={"help": "Seconds a query may run."})
    query_mb: int = field(default=1024, metadata={"help": "Megabytes of memory a query may use beyond the graph."})
    result_mb: int = field(default=512, metadata={"help": "Megabytes a result may have."})
    cache_mb: int = field(
        default=64,
        metadata={
            "help": "Megabytes of answers kept, and half as much of documents made ready, per web process; 0: none."
        },
    )
    draft_mb: int = field(default=5, metadata={"help": "Megabytes a draft sent to be judged may have."})
    check_seconds: int = field(default=30, metadata={"help": "Seconds that judging a draft may take."})
    check_mb: int = field(
        default=512, metadata={"help": "Megabytes of memory that judging a draft may use beyond the release."}
    )
    checks: int = field(
        default=2, metadata={"help": "Drafts judged at the same time, per web process; eight times as many may wait."}
    )
    open_releases: int = field(
        default=3,
        metadata={
            "help": "Releases that may be open beside the current one, per web process; they share their stores."
        },
    )
    endpoint: str = field(default="", metadata={"help": "SPARQL endpoint to ask instead of a store of our own."})
    store: str = field(default="", metadata={"help": "Socket of a store process to use instead of starting one."})
    log_level: str = field(
        default="warning",
        metadata={"help": "Least weight of what is logged: debug, info (each query), warning, error."},
    )
    source_date_epoch: int | None = field(
        default=None,
        metadata={
            "variable": "SOURCE_DATE_EPOCH",
            "help": "Time of publication in seconds since 1970, so that the same sources give the same bytes.",
        },
    )

    def clock(self) -> datetime:
        """Return the time by the clock of this machine, or the one that is set (reproducible-builds.org)."""
        if self.source_date_epoch is None:
            return datetime.now(UTC)
        return datetime.fromtimestamp(self.source_date_epoch, UTC)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read settings from the variables of ``environ``.

        Raises:
            UsageError: naming every unknown variable and bad value at once.
        """
        known = {variable(setting): setting for setting in fields(cls)}
        given = {name: value for name, value in environ.items() if name.startswith("CFIT_") or name in known}
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


_LEVELS = ("debug", "info", "warning", "error")
_LEAST = {"port": 0, "processes": 1, "workers": 1, "queue": 0, "query_seconds": 1, "query_mb": 64, "result_mb": 1}
_LEAST |= {"draft_mb": 1, "check_seconds": 1, "check_mb": 64, "checks": 1, "cache_mb": 0, "open_releases": 1}
_LEAST |= {"source_date_epoch": 0}
_MOST = {"port": 65535, "source_date_epoch": 253_402_300_799}  # the last second of the year 9999
_BEGINNINGS = {"base_iri", "public_url"}
_ADDRESSES = {*_BEGINNINGS, "endpoint"}


def _convert(name: str, value: str) -> str | int | Path:
    if name in _LEAST:
        return _number(value, _LEAST[name], _MOST.get(name, 1_000_000))
    if name in {"root", "releases"}:
        return Path(value)
    if name in _ADDRESSES and value and not value.startswith(("http://", "https://")):
        raise ValueError(f"{value!r} is not an address; start it with https://")
    if name in _BEGINNINGS and (sign := next((sign for sign in "?#" if sign in value), "")):
        raise ValueError(
            f"{value!r} has a {sign} in it, and paths are put behind it; leave out what begins with {sign}"
        )
    if name == "base_iri" and not value.endswith("/"):
        raise ValueError(f"{value!r} does not end with /")
    if name == "log_level" and value not in _LEVELS:
        raise ValueError(f"{value!r} is not a level; there are {', '.join(_LEVELS)}")
    return value.rstrip("/") if name == "public_url" else value


def _number(value: str, least: int, most: int) -> int:
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
    return int(value)
