"""The command that copies the site: ``cfit export-site``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cfit_graph.cli.commands import add
from cfit_graph.cli.terminal import progress, report_on_failure
from cfit_graph.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from cfit_graph.cli.commands import Commands
    from cfit_graph.settings import Settings


def add_to(commands: Commands) -> None:
    """Add the command to the parser of the command line."""
    command = add(commands, export_site)
    command.add_argument("folder", metavar="FOLDER", type=Path, help="new folder, or an earlier copy to replace")
    about = "where the copy will be (default: CFIT_PUBLIC_URL, or the address of `cfit serve`)"
    command.add_argument("--url", metavar="URL", help=about)
    command.add_argument("--all-releases", action="store_true", help="copy each release at its own address as well")


def export_site(arguments: Namespace, settings: Settings) -> int:
    """Copy the site of the current release into a folder of files, which needs no server of ours."""
    from cfit_graph.web.export import export

    url = arguments.url or settings.public_url or f"http://{settings.host}:{settings.port}"
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url!r} is not an address; start it with https://")
    if "?" in url or "#" in url:
        raise UsageError(f"{url!r} is not the address of a folder; leave out what begins with ? or #")
    with progress("Copying"), report_on_failure():
        copied = export(settings, arguments.folder, url.rstrip("/"), all_releases=arguments.all_releases)
    print(f"Release {copied.version} is in {arguments.folder}: {copied.files} files, to be put at {url}")
    return 0
