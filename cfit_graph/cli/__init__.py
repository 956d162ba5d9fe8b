"""The command line: ``cfit``, its commands, and how each ends."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from dataclasses import replace
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cfit_graph
from cfit_graph import errors
from cfit_graph.cli import exporting, releases, spreadsheets, validating
from cfit_graph.cli.commands import add
from cfit_graph.cli.terminal import print_table, progress, report_on_failure
from cfit_graph.listening import listen
from cfit_graph.placing import take_part
from cfit_graph.reasons import Reason
from cfit_graph.settings import Settings
from cfit_graph.texts import ENGLISH

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    import uvicorn

    from cfit_graph.release import Release
    from cfit_graph.store import Store
    from cfit_graph.web.front import Front

EXIT: Final[dict[type[errors.CfitError], int]] = {
    errors.SourceError: 2,
    errors.DoesNotConform: 1,
    errors.ReleaseError: 3,
    errors.StoreUnavailable: 3,
    errors.Overloaded: 3,
    errors.BatchTooLarge: 2,
    errors.UsageError: 2,
    errors.BadParameters: 2,
    errors.QueryError: 2,
    errors.QuerySyntaxError: 2,
    errors.QueryForbidden: 2,
    errors.QueryTooLarge: 2,
    errors.QueryTimedOut: 3,
    errors.QueryTooCostly: 3,
    errors.ResultTooLarge: 3,
    errors.ResultDiffers: 3,
    errors.UpdateRefused: 2,
    errors.DraftError: 2,
    errors.UnreadableDraft: 2,
    errors.DraftTooLarge: 2,
    errors.DraftTooCostly: 3,
    errors.UnknownEntity: 2,
    errors.UnknownRelease: 2,
    errors.NotAcceptable: 2,
    errors.UnsupportedMediaType: 2,
}
"""Exit code of each error."""

_ABOUT: Final = """Validate, publish, serve and ask the CFIT knowledge graph.

Exit codes: 0 fine, 1 the data do not conform, 2 usage or unreadable input, 3 the store is not available.
"""
_SERVING: Final = ("host", "port", "endpoint", "processes")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors of ours become one line on standard error."""
    if not _can_write():
        print("cfit: the output cannot be written: it is closed", file=sys.stderr)
        return 2
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments, Settings.from_env(os.environ))
        sys.stdout.flush()
    except errors.CfitError as error:
        print(f"cfit: {error.told(getattr(arguments, 'language', ENGLISH))}", file=sys.stderr)
        return EXIT[type(error)]
    except KeyboardInterrupt:
        return 130  # as shells have it: 128 + SIGINT
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        _write_no_more()
        return 0
    except OSError as error:
        if error.filename is not None:  # our output has no name
            raise
        _write_no_more()
        print(f"cfit: the output cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    return code


def _can_write() -> bool:
    """Prepare the standard streams, and tell whether there is an output; nobody minds the others being closed."""
    sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY))
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # names of files may be no UTF-8
    return sys.stdout is not None


def _write_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fmt(arguments: Namespace, settings: Settings) -> int:
    """Write Turtle files in their one form, all of data/ if none are given; with --check only say which are not."""
    from cfit_graph import files, source, turtle

    changed = False
    for path in arguments.paths or source.files(settings.root / "data"):
        turtle.refuse_other(path)
        graph, before = source.read(path), path.read_bytes()
        written = turtle.layout(graph, path.read_text("utf-8"), path).encode()
        if written != before:  # by bytes: other ends of lines are another form
            changed = True
            if not arguments.check:
                files.replace(path, written)
            print(f"{path}: {'not in its one form; run `cfit fmt`' if arguments.check else 'written anew'}")
    return int(changed and arguments.check)


def build(_: Namespace, settings: Settings) -> int:
    """Validate the graph and publish it as a release, if anything changed."""
    from cfit_graph import release

    with progress("Building") as say, report_on_failure():
        built = release.build(settings.root, settings.releases, say, settings.clock, settings.base_iri)
    print(f"Release {built.version} is current: {built.manifest['statements']} statements in {built.path}")
    if built.restores:
        print(f"It is a rollback to {built.restores}; to go on, change the sources.")
    return 0


def serve(arguments: Namespace, settings: Settings) -> int:
    """Serve the current release, the files given as they are, or an endpoint elsewhere."""
    given = {name: value for name in _SERVING if (value := getattr(arguments, name)) is not None}
    settings = replace(settings, **given)
    if settings.endpoint and arguments.paths:
        raise errors.UsageError("files or an endpoint can be served, not both at once")
    with listen(settings.host, settings.port, settings.processes) as listener:  # before anything is said of it
        settings = replace(settings, port=listener.getsockname()[1])  # of port 0, the one that was free
        if settings.processes == 1:
            _serve_alone(settings, arguments.paths, listener)
        else:
            _serve_together(settings, arguments.paths, listener)
    return 0


def _serve_alone(settings: Settings, paths: Sequence[Path], listener: socket.socket) -> None:
    import uvicorn

    with progress("Loading"), report_on_failure():
        app = _application(settings, paths)
    _say_what_is_served(settings, paths)
    uvicorn.Server(_configuration(app, settings)).run(sockets=[listener])


def _serve_together(settings: Settings, paths: Sequence[Path], listener: socket.socket) -> None:
    """Serve from several processes, which share a store process and count in files of one folder."""
    from tempfile import TemporaryDirectory

    from uvicorn.supervisors import Multiprocess

    with TemporaryDirectory(prefix="cfit-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        settings = replace(settings, store=settings.store or f"{folder}/store")
        with progress("Loading"), report_on_failure():
            first = _application(settings, paths)  # what cannot be served is said once; and its store process is all's
        factory = partial(_one_of_several, settings, paths, Path(folder))
        configuration = _configuration(factory, settings, factory=True)
        configuration.workers = settings.processes
        _say_what_is_served(settings, paths)
        Multiprocess(configuration, sockets=[listener]).run()
        first.close()


def _one_of_several(settings: Settings, paths: Sequence[Path], folder: Path) -> Front:
    take_part(folder, settings.processes)
    return _application(settings, paths)


def _application(settings: Settings, paths: Sequence[Path]) -> Front:
    import logging

    from cfit_graph.web import create_app
    from cfit_graph.web.observing import log_handler

    logging.basicConfig(level=settings.log_level.upper(), handlers=[log_handler()], force=True)
    return create_app(settings, paths)


def _configuration(app: Any, settings: Settings, *, factory: bool = False) -> uvicorn.Config:
    import uvicorn

    from cfit_graph.cli.connection import Connection

    return uvicorn.Config(
        app, factory=factory, http=Connection, ws="none", lifespan="on", log_level="warning", log_config=None,
        access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=settings.query_seconds,
    )  # fmt: skip


def _say_what_is_served(settings: Settings, paths: Sequence[Path]) -> None:
    what = "Serving the current release."
    if paths:
        what = "Serving files as they are, not validated."
    if settings.endpoint:
        what = f"Serving what {settings.endpoint} answers."
    print(f"{what} Open http://{settings.host}:{settings.port}/ (stop with Ctrl-C)", flush=True)


def query(arguments: Namespace, settings: Settings) -> int:
    """Ask the current release, and print the answer."""
    from cfit_graph.store.formats import ANSWERS
    from cfit_graph.store.lexer import outline

    sparql = _read_query(arguments.file)
    formats = {answer.name: answer.media_type for answer in ANSWERS[outline(sparql).form]}
    store = _store(settings)
    if not arguments.format and sys.stdout.isatty() and "csv" in formats:
        print_table(store, sparql)
        return 0
    name = arguments.format or ("csv" if "csv" in formats else next(iter(formats)))
    if name not in formats:
        raise errors.UsageError(f"this form of query has no format {name}; there are {', '.join(formats)}")
    for piece in store.query(sparql, formats[name]):
        sys.stdout.buffer.write(piece)
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="cfit", description=_ABOUT, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"cfit {cfit_graph.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    validating.add_to(commands)

    command = add(commands, fmt)
    command.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="Turtle files (default: all of data/)")
    command.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file would change")

    spreadsheets.add_to(commands)
    add(commands, build)
    releases.add_to(commands)
    exporting.add_to(commands)

    command = add(commands, serve)
    command.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="RDF files to serve as they are")
    command.add_argument("--host", help="address to listen on (default: CFIT_HOST, or 127.0.0.1)")
    command.add_argument("--port", type=_port, help="port to listen on (default: CFIT_PORT, or 8000)")
    command.add_argument("--endpoint", metavar="URL", help="SPARQL endpoint to ask instead of a store of our own")
    command.add_argument("--processes", metavar="N", type=_count, help="web processes (default: CFIT_PROCESSES, or 1)")

    command = add(commands, query)
    command.add_argument("file", metavar="FILE", help="file with a SPARQL query, or - for standard input")
    command.add_argument("--format", choices=["csv", "tsv", "json", "xml", "ttl", "nt", "jsonld", "rdf", "nq", "trig"])
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is not a port; give a number from 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(text)


def _read_query(name: str) -> str:
    try:
        return (sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()).decode("utf-8-sig")
    except OSError as error:
        raise errors.SourceError.from_system(Path(name), error) from None
    except UnicodeDecodeError:
        raise errors.SourceError(Path(name), Reason("no-utf-8")) from None


def _store(settings: Settings) -> Store:
    from cfit_graph.store.embedded import EmbeddedStore

    return EmbeddedStore([_release(settings).graph])


def _release(settings: Settings) -> Release:
    from cfit_graph import release

    with progress("Building"), report_on_failure():
        return release.ensure(settings.root, settings.releases, settings.clock, settings.base_iri)
