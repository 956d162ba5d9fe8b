"""Documents on things are made ready once a release is served: the first to ask need not wait for them to be made.

They are made one thing after the other, in a thread, and only while nobody asks for anything. A large release has none
of them ready: it would take long, and few of its documents are ever asked for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from cfit_graph.errors import CfitError
from cfit_graph.web.routes import entities
from cfit_graph.web.sites import LOOK

if TYPE_CHECKING:
    from cfit_graph.web.site import Site
    from cfit_graph.web.sites import Held, Sites

MOST: Final = 20_000
"""Statements of a release whose documents are made ready."""
MOMENT: Final = 0.05
"""Seconds in which nobody has asked for anything before the next document is made."""
_LOG = logging.getLogger(__name__)


async def keep_ready(sites: Sites) -> None:
    """Make the documents of the current release ready, and of each that takes its place; never ends."""
    while True:
        held = sites.present
        held.users += 1
        try:
            await _prepare(sites, held)
        except CfitError as error:
            _LOG.warning("documents are not made ready any more: %s", error)
        except Exception:  # noqa: BLE001 - whatever it is, they are made when asked for, and the next release is tried
            _LOG.exception("documents are not made ready any more")
        finally:
            held.leave()
        while sites.present is held:
            await asyncio.sleep(LOOK)


async def _prepare(sites: Sites, held: Held) -> None:
    """Make the documents of a site ready, while it is current and there is room."""
    site = held.site
    assert site  # noqa: S101 - the current one is open
    for name in await asyncio.to_thread(_names, site):
        while sites.present is held and _is_busy(held):
            await asyncio.sleep(MOMENT)
        if sites.present is not held or not await asyncio.to_thread(_make, site, name):
            return


def _is_busy(held: Held) -> bool:
    """Tell whether somebody beside us is at a site, or was a moment ago."""
    return held.users > 1 or time.monotonic() - held.used < MOMENT


def _make(site: Site, name: str) -> bool:
    return entities.make_ready(site, (site.settings.host, site.settings.port), name)


def _names(site: Site) -> list[str]:
    """Return the kinds and slugs of the things of a site whose documents are to be ready."""
    if site.release is None or site.release.manifest["statements"] > MOST:
        return []
    start = site.edition.thing("")
    return [iri.removeprefix(start) for iri in site.index.things if iri.startswith(start)]
