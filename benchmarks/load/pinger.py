"""Calls ``GET /ping`` of the service again and again: ``python -m benchmarks.load.pinger PORT``.

Each line on standard input ends a measurement; the answer is the longest time that a call took, in milliseconds.
"""

from __future__ import annotations

import socket
import sys
import threading
import time

_PAUSE = 0.002
_REQUEST = b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Pinger:
    """The longest call since the last reading."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._guard = threading.Lock()
        self._longest = 0.0

    def run(self) -> None:
        """Calls until the process ends."""
        with socket.create_connection(("127.0.0.1", self._port)) as connection:
            while True:
                began = time.perf_counter()
                connection.sendall(_REQUEST)
                if not connection.recv(65536):
                    return
                seconds = time.perf_counter() - began
                with self._guard:
                    self._longest = max(self._longest, seconds)
                time.sleep(_PAUSE)

    def read(self) -> float:
        """The longest call in milliseconds; forgets it."""
        with self._guard:
            longest, self._longest = self._longest, 0.0
        return longest * 1000


def main() -> None:
    """Answers each line of standard input."""
    pinger = Pinger(int(sys.argv[1]))
    threading.Thread(target=pinger.run, daemon=True).start()
    for _ in sys.stdin:
        print(pinger.read(), flush=True)


if __name__ == "__main__":
    main()
