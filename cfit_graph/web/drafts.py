"""Drafts as they are sent: as the body of a request, or in a form; and how their text is shown with what was found."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from cfit_graph.errors import DraftTooLarge, SourceError, UnsupportedMediaType, UsageError
from cfit_graph.files import JSONLD, SUFFIXES, TABLES, suffix_of
from cfit_graph.web.giving import take_all

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping

    from starlette.requests import Request

NAMES: Final = {
    "text/turtle": "draft.ttl",
    "application/trig": "draft.trig",
    "application/n-triples": "draft.nt",
    "application/n-quads": "draft.nq",
    "application/ld+json": "draft.jsonld",
    "application/json": "draft.json",
    "text/csv": "draft.csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "draft.xlsx",
}
"""What a draft is called that was sent without a name, by its media type; the suffix says how it is read."""

FORM: Final = "multipart/form-data"
_LINES: Final = 1000
_AROUND: Final = 3
_FIELDS: Final = 16
_LONGEST_NAME: Final = 255  # bytes that file systems take
_NO_NAME: Final = (
    "The name of the draft is longer than 100 characters or 255 bytes, or cannot be seen whole. Give it another."
)


class Sent(NamedTuple):
    """A draft as it was sent, whether it is to be judged alone, and the format wanted by name; empty for none.

    ``fix`` says which proposals are carried out before it is judged: see ``checking.Asked``.
    """

    name: str
    content: bytes
    alone: bool
    format: str = ""
    fix: str = ""

    @property
    def text(self) -> str | None:
        """The text, as it can be shown and sent again; ``None`` if it is none."""
        try:
            return None if b"\0" in self.content else self.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    @property
    def encoded(self) -> str:
        """The content of a workbook, as a form can send it again."""
        return base64.b64encode(self.content).decode() if self.name.lower().endswith(".xlsx") else ""


async def read(request: Request, largest: int) -> Sent:
    """Read the draft in a request, of at most ``largest`` bytes.

    Raises:
        DraftTooLarge: if it is larger.
        UnsupportedMediaType: if it is of a type not taken here.
        UsageError: if parameters are wrong, or there is no draft in a form.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the draft as it is, without a Content-Encoding.")
    in_form, too_large = media_type == FORM, DraftTooLarge(largest / (1 << 20))
    most = 2 * largest if in_form else largest  # a form may hold it in base64
    body = await take_all(request.scope, request.receive, most, too_large)
    fields = dict(request.query_params)
    if in_form:
        content, more = await _form(request, body, largest)
        fields |= more
    else:
        content = body
    if len(content) > largest:
        raise too_large
    return Sent(_name(fields, media_type), content, _alone(fields), fields.get("format", ""), fields.get("fix", ""))


async def _form(request: Request, body: bytes, largest: int) -> tuple[bytes, dict[str, str]]:
    """Return the draft in a form, and the other fields: a file goes before text, and text before what was kept."""
    parser = MultiPartParser(request.headers, _once(body), max_files=1, max_fields=_FIELDS, max_part_size=2 * largest)
    parser.spool_max_size = 2 * largest  # nothing goes to the disk
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise UsageError(f"The form cannot be read: {getattr(error, 'message', error)}") from None
    file = form.get("file")
    uploaded = await file.read() if isinstance(file, UploadFile) else b""
    await form.close()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    text, kept = fields.pop("text", ""), fields.pop("content", "")
    if isinstance(file, UploadFile) and file.filename:
        return uploaded, fields | {"name": file.filename}
    if text.strip() or not kept:
        return text.replace("\r\n", "\n").encode("utf-8", "surrogatepass"), fields
    try:
        return base64.b64decode(kept, validate=True), fields
    except (binascii.Error, ValueError):
        raise UsageError("The content of the workbook is not in base64. Choose the file again.") from None


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def _name(fields: Mapping[str, str], media_type: str) -> str:
    """Return the name of a draft, which says how it is read: the one given, else one by media type."""
    given = PurePath(fields.get("name", "").replace("\\", "/")).name or NAMES.get(media_type, "")
    if not given:
        raise UnsupportedMediaType(f"Say what the draft is: by name=, or by one of the types {', '.join(NAMES)}.")
    if len(given) > 100 or not given.isprintable() or len(given.encode()) > _LONGEST_NAME:
        raise UsageError(_NO_NAME)
    try:
        suffix_of(Path(given), (*SUFFIXES, *JSONLD, *TABLES))
    except SourceError as error:
        raise UnsupportedMediaType(str(error)) from None
    return given


def _alone(fields: Mapping[str, str]) -> bool:
    scope = fields.get("scope", "release")
    if scope not in {"release", "alone"}:
        raise UsageError(f"There is no scope {scope[:50]!r}; there are release and alone.")
    return scope == "alone"


def listing(text: str, findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of a text with the findings in each; of a long one only those near a finding.

    A line has ``number``, ``text``, ``findings``, and ``gap``: whether lines before it are left out.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    by_line: dict[int, list[Mapping[str, Any]]] = {}
    for finding in findings:
        by_line.setdefault(finding["line"], []).append(finding)
    shown = range(1, len(lines) + 1)
    near = {number + step for number in by_line for step in range(-_AROUND, _AROUND + 1)}
    numbers = [number for number in shown if len(lines) <= _LINES or number in near or not by_line][:_LINES]
    return [
        {
            "number": number,
            "text": lines[number - 1],
            "findings": by_line.get(number, []),
            "gap": number > 1 and before != number - 1,
        }
        for before, number in zip([0, *numbers], numbers, strict=False)
    ]
