"""``/reconcile``: which of our things is meant by a name (Entity Reconciliation API 0.2), for OpenRefine and the like.

The manifest needs nothing but settings, so it comes at once. Batches are answered in one thread, each after the other:
they are work for a processor, and more threads would only share its time and keep others waiting.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, Response

import cfit_graph
from cfit_graph import entities
from cfit_graph.collection.asking import NUMBER
from cfit_graph.errors import (
    BadParameters,
    BatchTooLarge,
    Overloaded,
    UnsupportedMediaType,
    UsageError,
    WrongParameter,
)
from cfit_graph.namespaces import NS, expand, things
from cfit_graph.reconcile import BATCH, LONGEST, TYPES, asking, called
from cfit_graph.texts import RECONCILE, RETIREMENT
from cfit_graph.web import pages, protocol
from cfit_graph.web.giving import EndingWithClient, take_all
from cfit_graph.web.headers import FRAMED
from cfit_graph.web.routes.entities import describe
from cfit_graph.web.site import Site, address_of, base_of, site_of

if TYPE_CHECKING:
    from asyncio import Future

router = APIRouter()

ROOT: Final = "/reconcile"
"""Where the service is."""
MAX_BODY: Final = 2 << 20
"""Bytes of a batch: enough for as many queries as it may have, each as long as it may be."""
_PREVIEW: Final = {"width": 430, "height": 300}
_SHOWN: Final = 4
_THREAD: Final = ThreadPoolExecutor(1, thread_name_prefix="reconcile")
_WAITING: Final[set[Future[Any]]] = set()
_PLACES: Final = 64
_TASKS: Final = ("queries", "extend")
_ENTITY, _TYPE, _PROPERTY = (f"{ROOT}/suggest/{name}" for name in ("entity", "type", "property"))


@router.api_route(ROOT, methods=["GET", "HEAD", "POST"])
async def service(request: Request) -> Response:
    """Answer a batch of queries, or give the values of properties; without either, tell of the service."""
    sent = await _sent(request)
    if not sent and request.method != "POST":
        return JSONResponse(_manifest(request))
    if unknown := sent.keys() - set(_TASKS):
        detail = f"There is no such parameter here; there are {' and '.join(_TASKS)}."
        raise BadParameters([WrongParameter(name[:50], detail) for name in sorted(unknown)])
    tasks = [(name, text) for name, texts in sent.items() for text in texts]
    if len(tasks) != 1:
        raise UsageError("Send queries or extend, one of them and once, as JSON in a parameter of a form.")
    return JSONResponse(await _in_turn(request, *tasks[0]))


@router.api_route(_ENTITY, methods=["GET", "HEAD"])
def suggest_entity(request: Request) -> Response:
    """Suggest things by the beginning of a name."""
    prefix, skip = _prefix(request)
    wanted = request.query_params.get("type", "")
    types = [asking.kind("type", wanted)] if wanted else list(TYPES.values())
    return JSONResponse(site_of(request).reconciler.suggested_things(prefix, skip, types))


@router.api_route(_TYPE, methods=["GET", "HEAD"])
def suggest_type(request: Request) -> Response:
    """Suggest types by the beginning of their name."""
    return JSONResponse(site_of(request).reconciler.suggested_types(*_prefix(request)))


@router.api_route(_PROPERTY, methods=["GET", "HEAD"])
def suggest_property(request: Request) -> Response:
    """Suggest properties by the beginning of their name."""
    return JSONResponse(site_of(request).reconciler.suggested_properties(*_prefix(request)))


@router.api_route(ROOT + "/properties", methods=["GET", "HEAD"])
def propose_properties(request: Request) -> Response:
    """Propose the properties whose values can be had of things of a type, or of any."""
    name = request.query_params.get("type", "")
    of = asking.kind("type", name) if name else None
    return JSONResponse(site_of(request).reconciler.proposed_properties(of, _number(request, "limit") or None))


@router.api_route(ROOT + "/preview", methods=["GET", "HEAD"])
def preview(request: Request) -> Response:
    """Show in short what there is to know of a thing, to be framed by others."""
    site = site_of(request)
    name = expand(request.query_params.get("id", "")).removeprefix(things(site.edition.base))
    described, retired = describe(site, name)
    shown: dict[str, Any] = {"entity": entities.read(described, site.names), "retired": retired, "shown": _SHOWN}
    status = 410 if retired else 200
    return pages.render(
        request, "preview.html", status=status, headers=FRAMED, words=RECONCILE, retirement=RETIREMENT, **shown
    )


def _manifest(request: Request) -> dict[str, Any]:
    """Return what the service says of itself; ``{{id}}`` stands for an id."""
    site = site_of(request)
    name, own = RECONCILE["name"], base_of(request) + site.prefix

    def at(path: str) -> dict[str, str]:
        return {"service_url": own, "service_path": path}

    return {
        "versions": ["0.2"],
        "name": RECONCILE["of release"].format(name=name, version=site.edition.release) if site.prefix else name,
        "identifierSpace": things(site.edition.base),
        "schemaSpace": NS,
        "documentation": address_of(request, "/api#reconcile"),
        "logo": base_of(request) + "/static/icon.svg",
        "serviceVersion": cfit_graph.__version__,
        "defaultTypes": [{"id": kind, "name": called(of)} for kind, of in TYPES.items()],
        "view": {"url": address_of(request, "/id/{{id}}")},
        "preview": {"url": address_of(request, f"{ROOT}/preview?id={{{{id}}}}"), **_PREVIEW},
        "suggest": {"entity": at(_ENTITY), "type": at(_TYPE), "property": at(_PROPERTY)},
        "extend": {"propose_properties": at(f"{ROOT}/properties"), "property_settings": []},
        "batchSize": BATCH,
    }


async def _sent(request: Request) -> protocol.Parameters:
    """Return the parameters of a request, wherever they are.

    Raises:
        BatchTooLarge: if they are too large.
        UnsupportedMediaType: if a body is no form.
    """
    sent = [request.scope["query_string"].decode("latin-1")]
    if request.method == "POST":
        too_large = BatchTooLarge(f"The request has more than {MAX_BODY >> 20} MB. Send less at once.")
        body = await take_all(request.scope, request.receive, MAX_BODY, too_large)
        media_type, charset, _ = protocol.read_type(request.headers.get("content-type", ""))
        if media_type != protocol.FORM or charset not in {"", "utf-8"}:
            raise UnsupportedMediaType(f"Send queries or extend as {protocol.FORM}, in UTF-8.")
        sent.append(body.decode("latin-1"))
    return protocol.parse("&".join(filter(None, sent)))


async def _in_turn(request: Request, task: str, text: str) -> Any:
    """Return the answer to a batch, when its turn comes.

    Raises:
        Overloaded: if too many wait.
    """
    if len(_WAITING) >= _PLACES:
        raise Overloaded(f"{len(_WAITING)} batches are waiting already. Try again in a moment.")
    turn = asyncio.get_running_loop().run_in_executor(_THREAD, _answer, site_of(request), task, text)
    _WAITING.add(turn)
    turn.add_done_callback(_WAITING.discard)
    with EndingWithClient(request.receive):
        return await turn


def _answer(site: Site, task: str, text: str) -> dict[str, Any]:
    reconciler = site.reconciler
    if task == "queries":
        return reconciler.candidates(asking.queries(text, reconciler.properties))
    return reconciler.extension(asking.extension(text, reconciler.properties))


def _prefix(request: Request) -> tuple[str, int]:
    """Return what suggestions begin with, and how many to skip."""
    prefix = request.query_params.get("prefix")
    if prefix is None or len(prefix) > LONGEST:
        detail = (
            "It is missing; give the beginning of a name."
            if prefix is None
            else f"It has more than {LONGEST} characters."
        )
        raise BadParameters([WrongParameter("prefix", detail)])
    return prefix, _number(request, "cursor")


def _number(request: Request, name: str) -> int:
    """Return a number that may be left out, which counts as 0."""
    text = request.query_params.get(name) or "0"
    if not NUMBER.fullmatch(text):
        raise BadParameters([WrongParameter(name, "It is not a whole number of 1 to 18 digits.")])
    return int(text)
