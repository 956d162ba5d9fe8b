"""A draft that keeps its worker busy does not keep others waiting."""

from __future__ import annotations

import threading
import urllib.request

LARGE = b"".join(b"<a:%d> <a:b> <a:%d> .\n" % (number, number) for number in range(160_000))
SMALL = b'<http://example.org/a> <http://example.org/b> "c" .'


def _judge(server: str, draft: bytes) -> bytes:
    request = urllib.request.Request(f"{server}/validate?name=draft.nt&format=text", draft)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return bytes(answer.read())


def test_others_are_answered_while_a_heavy_draft_is_judged(server: str) -> None:
    assert b"Conforms" in _judge(server, SMALL)  # the release has been read
    ended = threading.Event()

    def send() -> None:
        try:
            _judge(server, LARGE)
        except OSError:  # it is refused in the end
            pass
        finally:
            ended.set()

    heavy = threading.Thread(target=send)
    heavy.start()
    for _ in range(3):
        assert b"Conforms" in _judge(server, SMALL)
        with urllib.request.urlopen(f"{server}/sparql?query=ASK%7B%7D", timeout=60) as answer:
            assert answer.status == 200
    assert not ended.is_set()
    heavy.join()
