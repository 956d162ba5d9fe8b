from __future__ import annotations

import pickle
import socket

import pytest

from cfit_graph.errors import UsageError
from cfit_graph.listening import listen


@pytest.mark.parametrize("processes", [1, 2])
def test_an_address_is_taken_once(processes: int) -> None:
    with listen("127.0.0.1", 0, processes) as taken:
        host, port = taken.getsockname()
        for other in (1, 2):
            with pytest.raises(UsageError, match="choose another with --port"):
                listen(host, port, other)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_address_can_be_taken_again_at_once(processes: int) -> None:
    """Though the system keeps a connection for a minute that the server has closed."""
    with listen("127.0.0.1", 0) as taken:
        host, port = taken.getsockname()
        with socket.create_connection((host, port), 5) as client:
            taken.accept()[0].close()
            assert client.recv(1) == b""
    with listen(host, port, processes) as again, pickle.loads(pickle.dumps(again)) if processes > 1 else again as own:
        own.listen()


def test_what_is_sent_to_others_is_another_socket_on_the_same_address() -> None:
    with listen("127.0.0.1", 0, 2) as taken, pickle.loads(pickle.dumps(taken)) as own:
        assert own.fileno() != taken.fileno()
        assert own.getsockname() == taken.getsockname()
        own.listen()
        with socket.create_connection(taken.getsockname(), 5) as client:
            accepted, address = own.accept()
            with accepted:
                assert address == client.getsockname()


def test_an_address_that_is_not_ours_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"192\.0\.2\.1 port 8000 cannot be served on"):
        listen("192.0.2.1", 8000)
