"""HT-40, HT-41: the one rule for w3id.org, applied as Apache's mod_rewrite does in a folder of its own."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = re.findall(
    r"^RewriteRule (\S+) (\S+) \[(.*)\]$", (ROOT / "deploy/w3id/.htaccess").read_text("utf-8"), re.MULTILINE
)


def _target(path: str) -> str:
    """Return where a path after ``/cfit/`` leads: in a folder, rules see it without what leads to the folder."""
    ((pattern, target, _),) = RULES
    found = re.search(pattern, path)
    assert found
    leads: str = target.replace("$1", found[1])
    return leads


@pytest.mark.parametrize(
    "path",
    ["", "id/pact/cfit", "doc/pact/cfit.ttl", "ns", "ns/1.0.0", "dataset", "release/2026-01-01.1", "context/v1.jsonld"],
)
def test_every_path_is_passed_on_as_it_is(path: str) -> None:
    assert _target(path) == f"https://data.example.org/{path}"


def test_the_redirect_may_change_and_is_the_last_word() -> None:
    ((_, _, flags),) = RULES
    assert set(flags.split(",")) == {"R=302", "L"}


def test_nothing_is_negotiated_there() -> None:
    assert "RewriteCond" not in (ROOT / "deploy/w3id/.htaccess").read_text("utf-8")


CONFIGURATION = """
ServerName w3id.example.org
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/errors
User nobody
Group #65534
LoadModule mpm_prefork_module {modules}/mod_mpm_prefork.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule rewrite_module {modules}/mod_rewrite.so
DocumentRoot {folder}/www
<Directory {folder}/www>
    AllowOverride All
</Directory>
"""
"""A site with folders of rules, as w3id.org is one."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Apache (``apt install apache2-bin``), the folder of whose modules the variable APACHE leads to."""
    if "APACHE" not in os.environ:
        pytest.skip("no Apache on this machine")
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as free:
        folder, number = Path(name), free.getsockname()[1]
        folder.chmod(0o755)  # started by root, Apache answers as somebody else
        shutil.copytree(ROOT / "deploy/w3id", folder / "www" / "cfit")
        text = CONFIGURATION.format(folder=folder, port=number, modules=os.environ["APACHE"])
        (folder / "configuration").write_text(text, "utf-8")
        free.close()
        command = [shutil.which("apache2") or "httpd", "-d", name, "-f", f"{name}/configuration", "-D", "FOREGROUND"]
        with subprocess.Popen(command, process_group=0) as apache:  # it ends all of its group
            _wait_for(number)
            yield number
            apache.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    pytest.fail("Apache does not answer")


@pytest.mark.parametrize(
    "path",
    [
        *("", "id/pact/cfit", "id/organization/electronics-watch", "doc/pact/cfit.ttl", "ns", "ns/1.0.0", "dataset"),
        *("release/2026-01-01.1/doc/pact/cfit", "context/v1.jsonld", "graph/data/pacts", ".well-known/genid/c14n0"),
        *(
            "sparql?query=ASK%20%7B%7D&format=json",
            "api/v1/organizations?q=caf%C3%A9%20x",
            "doc/organization/caf%c3%a9",
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_apache_passes_every_address_on(port: int, method: str, path: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, f"/cfit/{path}", headers={"Accept": "text/turtle"})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (302, f"https://data.example.org/{path}")
