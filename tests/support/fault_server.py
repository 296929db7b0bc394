"""A server on 127.0.0.1 that answers as scripted: whole, or with one of the faults of the wild."""

from __future__ import annotations

import gzip
import http.server
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

Send = Callable[["Handler"], None]


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers a path with the next of its scripted answers; the last one stays."""

    server: FaultServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append(Request(self.path, dict(self.headers)))
        self.close_connection = True
        answers = self.server.answers.get(self.path, [status(404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        try:
            answer(self)
        except OSError:  # the client has had enough
            self.close_connection = True

    def head(self, code: int, headers: Mapping[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class FaultServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, list[Send]] = {}
        self.requests: list[Request] = []
        self.closing = threading.Event()

    def address(self, path: str = "/data") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def on(self, *answers: Send, path: str = "/data") -> str:
        """Script a path; its address."""
        self.answers[path] = list(answers)
        return self.address(path)

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[FaultServer]:
    with FaultServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


# --- answers -------------------------------------------------------------------------------------


def status(code: int, **headers: str) -> Send:
    """An answer without a body; `_` in the names of headers stands for `-`."""

    def send(handler: Handler) -> None:
        length = {} if code == 304 else {"Content-Length": "0"}
        handler.head(code, length | {k.replace("_", "-"): v for k, v in headers.items()})

    return send


def body(content: bytes, content_type: str = "text/csv", **headers: str) -> Send:
    """A whole answer."""

    def send(handler: Handler) -> None:
        fields = {"Content-Type": content_type, "Content-Length": str(len(content))}
        handler.head(200, fields | {k.replace("_", "-"): v for k, v in headers.items()})
        handler.wfile.write(content)

    return send


def unless_known(content: bytes, etag: str, modified: str) -> Send:
    """304 to those who have it already."""

    def send(handler: Handler) -> None:
        known = handler.headers["If-None-Match"] == etag
        assert known == (handler.headers["If-Modified-Since"] == modified)
        answer = (
            status(304, ETag=etag) if known else body(content, ETag=etag, Last_Modified=modified)
        )
        answer(handler)

    return send


def zipped(content: bytes, end: int | None = None) -> Send:
    """Compressed, cut after `end` bytes (with a Content-Length that agrees)."""
    return body(gzip.compress(content)[:end], Content_Encoding="gzip")


def truncated(content: bytes, missing: int = 10) -> Send:
    """Fewer bytes than announced."""
    return _broken(content, missing, lambda handler: None)


def reset(content: bytes, missing: int = 10) -> Send:
    """The connection is reset in the middle of the body."""

    def abort(handler: Handler) -> None:
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.connection.close()

    return _broken(content, missing, abort)


def _broken(content: bytes, missing: int, end: Callable[[Handler], None]) -> Send:
    def send(handler: Handler) -> None:
        handler.head(200, {"Content-Length": str(len(content) + missing)})
        handler.wfile.write(content)
        handler.wfile.flush()
        end(handler)

    return send


def unannounced(content: bytes) -> Send:
    """A body in chunks, of which the last is missing."""

    def send(handler: Handler) -> None:
        handler.head(200, {"Transfer-Encoding": "chunked"})
        handler.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")

    return send


def endless(piece: bytes, pause: float, head: bool = False) -> Send:
    """The same piece again and again, until the client leaves; as a header, if `head`."""

    def send(handler: Handler) -> None:
        if head:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        else:
            handler.head(200, {"Content-Type": "text/csv"})
        while not handler.server.closing.wait(pause):
            handler.wfile.write(piece)
            handler.wfile.flush()

    return send


def zeros(size: int, compressed: bool = False) -> Send:
    """`size` bytes of zeros, of which the server never holds more than a megabyte."""

    def send(handler: Handler) -> None:
        handler.head(200, {"Content-Encoding": "gzip"} if compressed else {})
        piece = bytes(1 << 20)
        if compressed:
            with gzip.GzipFile(fileobj=handler.wfile, mode="wb", compresslevel=1) as packed:
                for _ in range(size >> 20):
                    packed.write(piece)
        else:
            for _ in range(size >> 20):
                handler.wfile.write(piece)

    return send


def redirect(target: str) -> Send:
    return status(302, Location=target)
