"""What owner and workers send each other: a head in JSON and bytes, with the lengths of both before them."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio
    import socket

_LENGTHS: Final = struct.Struct(">IQ")


def packed(head: dict[str, Any], body: bytes = b"") -> bytes:
    """Return a message as it is sent."""
    text = json.dumps(head).encode()
    return _LENGTHS.pack(len(text), len(body)) + text + body


def send(connection: socket.socket, head: dict[str, Any], body: bytes = b"") -> None:
    """Send a message."""
    connection.sendall(packed(head, body))


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Return the next message.

    Raises:
        ConnectionError: if the other side hangs up before its end.
    """
    with connection.makefile("rb") as file:
        of_head, of_body = _LENGTHS.unpack(file.read(_LENGTHS.size).ljust(_LENGTHS.size, b"\0"))
        head, body = file.read(of_head), file.read(of_body)
    if not head or len(head) + len(body) < of_head + of_body:
        raise ConnectionError("hung up")
    return json.loads(head), body


async def read(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """Return the next message.

    Raises:
        asyncio.IncompleteReadError: if the other side hangs up before its end.
    """
    of_head, of_body = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
    return json.loads(await reader.readexactly(of_head)), await reader.readexactly(of_body)
