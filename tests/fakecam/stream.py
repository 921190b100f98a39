"""A network camera on this machine that does what network cameras do: stall, hang up, die, change size, not answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Mode = Literal["ok", "stall", "close", "silent"]


class NetworkCamera:
    """Serves pictures, (H, W, 3) uint8 BGR, as MJPEG over http; what it does may be changed while it runs.

    mode: ok, stall (keeps its connections and sends nothing), close (hangs up on every one), silent (takes connections
    and answers none).  then: what each connection does once it has had every picture: again, close, stall.
    stored: how many pictures a connection begins with, all at once, as a server that kept some.
    asked, sent: how many connections and pictures there were.
    """

    def __init__(self, pictures: Sequence[NDArray[np.uint8]], rate: float = 60.0, then: str = "again") -> None:
        self.rate, self.then, self.stored = rate, then, 0
        self.asked = self.sent = 0
        self.mode: Mode = "ok"
        self.show(pictures)
        self._port = 0
        self._server: _Server | None = None
        self.start()

    def show(self, pictures: Sequence[NDArray[np.uint8]]) -> None:
        """Serve these from now on; clients see another size within their connection, as when a camera is turned."""
        self.jpegs = [cv2.imencode(".jpg", shown)[1].tobytes() for shown in pictures]

    @property
    def address(self) -> str:
        """Where it serves, also after it died and came back."""
        return f"http://127.0.0.1:{self._port}/video"

    def start(self) -> None:
        """Serve, at the address of before."""
        self._server = _Server(("127.0.0.1", self._port), self)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def die(self) -> None:
        """Refuse connections, and cut those there are."""
        server, self._server = self._server, None
        if server is not None:
            server.over.set()
            server.shutdown()
            server.server_close()
            server.cut()

    def hang_up(self) -> None:
        """Cut the connections there are; new ones are taken."""
        if self._server is not None:
            self._server.cut()

    def __enter__(self) -> NetworkCamera:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.die()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, place: tuple[str, int], camera: NetworkCamera) -> None:
        self.camera, self.over, self.connections = camera, threading.Event(), set[socket.socket]()
        super().__init__(place, _Connection)

    def cut(self) -> None:
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.connections.add(self.connection)
        self.server.camera.asked += 1
        try:
            with suppress(OSError):
                self._wait_while("silent")
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                self._send_all()
        finally:
            self.server.connections.discard(self.connection)

    def _wait_while(self, mode: Mode) -> None:
        """Wait while the camera is in a mode; raises OSError when the other side has gone meanwhile."""
        while self.server.camera.mode == mode and not self.server.over.wait(0.01):
            self.connection.setblocking(False)
            with suppress(BlockingIOError):
                if not self.connection.recv(1, socket.MSG_PEEK):
                    raise ConnectionResetError
            self.connection.setblocking(True)

    def _send_all(self) -> None:
        camera, sent = self.server.camera, 0
        while not self.server.over.is_set() and camera.mode != "close":
            self._wait_while("stall")
            if camera.then != "again" and sent == len(camera.jpegs):
                if camera.then == "close":
                    return
                self.server.over.wait()
            jpeg = camera.jpegs[sent % len(camera.jpegs)]
            head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            self.wfile.write(head + jpeg + b"\r\n")
            sent, camera.sent = sent + 1, camera.sent + 1
            if sent > camera.stored:
                time.sleep(1 / camera.rate)
