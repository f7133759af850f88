"""Many outlets in one process: ``python -m benchmarks.outlets [OUTLETS [ARTICLES]]`` (250, 5 of each).

Each outlet is a host of its own on the loopback network; every tenth takes requests and never answers. The service's own jobs look at all that is
due. Prints when the last article of those that answer was seen, and what that took; exits 1 when one was not, or when memory passes the target.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.memory import held, readers

SILENT = 10  # every tenth outlet never answers
MOST = 200.0  # MiB, the reader included
PATIENCE = 120.0  # seconds
_PAGE = "<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
_TEXT = "".join(
    f"<p>Sentence {n} of a report about the harbour, long enough to be taken for a text.</p>" for n in range(12)
)


def main() -> int:
    """Look at everything once; the number of the exit."""
    outlets = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    articles = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    ours, theirs = multiprocessing.Pipe()
    site = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, _hosts(outlets)), daemon=True)
    site.start()
    port: int = ours.recv()
    hosts = [f"{host}:{port}" for host in _hosts(outlets)]
    os.environ |= {"ZAESUR_ALLOW_HOSTS": ",".join(hosts), "ZAESUR_DELAY": "0"}
    answering = [host for number, host in enumerate(hosts) if number % SILENT]
    from crawler import crawling
    from crawler.urls import identify
    from scheduler.following import follow
    from scheduler.service import Service
    from storage import Store

    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "outlets.db") as store:
        for number in range(articles):
            for host in hosts:
                follow(store, identify(f"http://{host}/report-{number}"))
        wanted, empty = len(answering) * articles, held("self")

        async def work() -> float:
            service, began = Service(store, lambda said: None), time.perf_counter()
            running = asyncio.ensure_future(service.forever())
            while len(store.captures()) < wanted and time.perf_counter() - began < PATIENCE:
                await asyncio.sleep(0.2)
            took = time.perf_counter() - began
            running.cancel()
            return took

        used = time.process_time()
        took = crawling.run(work())
        used = time.process_time() - used
        memory, seen = held("self") + sum(map(held, readers())), store.captures()
        new = sum(1 for look in seen if look.version)
    met = new == wanted and memory <= MOST
    print(f"{outlets} outlets of {articles} articles, {outlets - len(answering)} of which never answer")
    print(
        f"{new:,} of the {wanted:,} articles of the others seen in {took:.1f} s, {used / len(seen) * 1000:.1f} ms of the processor each"
    )
    print(
        f"{'met   ' if met else 'MISSED'}  {memory:.0f} MiB with the reader (target {MOST:g}), {empty:.0f} before the first request"
    )
    return 0 if met else 1


def _hosts(number: int) -> list[str]:
    return [f"127.0.{1 + n // 250}.{1 + n % 250}" for n in range(number)]


def _serve(pipe: Connection, hosts: list[str]) -> None:
    """The outlets, in a process of their own."""
    silent = set(hosts[::SILENT])

    class Outlet(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["Host"].partition(":")[0] in silent:
                threading.Event().wait()
            body = b"" if self.path == "/robots.txt" else _PAGE.format(title=self.path, text=_TEXT).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 1000

        def verify_request(self, request: object, client_address: tuple[str, int]) -> bool:
            return client_address[0].startswith("127.")

    with Server(("0.0.0.0", 0), Outlet) as server:  # noqa: S104 - the whole loopback network, for as long as this runs
        pipe.send(server.server_address[1])
        server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
