"""The address of the server, taken by one process for itself or for several."""

from __future__ import annotations

import socket
import sys
from typing import Self

from cfit_graph.errors import UsageError


def listen(host: str, port: int, processes: int = 1) -> socket.socket:
    """Take an address for so many processes.

    Raises:
        UsageError: if it cannot be had.
    """
    try:
        alone = socket.create_server((host, port))
        if processes == 1 or sys.platform != "linux":
            return alone
        with alone:  # nobody else has it: what can be shared may be taken by others as well
            host, port = alone.getsockname()
        return SharedAddress.take(host, port)
    except OSError as error:
        reason = f"{host} port {port} cannot be served on ({error.strerror})"
        raise UsageError(f"{reason}; choose another with --port or CFIT_PORT") from None


class SharedAddress(socket.socket):
    """A socket that holds an address; sent to another process, it becomes one of that process' own, to listen on.

    Linux then deals the connections out by lot (``SO_REUSEPORT``, socket(7)). Of one socket that all listen on, those
    that are awake take nearly all.
    """

    @classmethod
    def take(cls, host: str, port: int) -> Self:
        """Take an address that others like this may have as well; raises ``OSError``."""
        taken = cls(socket.AF_INET, socket.SOCK_STREAM)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind((host, port))  # though connections of a server that has ended may still be on it
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)  # and nobody else, though nobody listens yet
        return taken

    def __reduce__(self) -> tuple[object, ...]:
        return SharedAddress.take, self.getsockname()
