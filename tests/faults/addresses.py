"""``python -m tests.faults.addresses``: no spelling of an address that is not public is ever connected to, by any way out.

A canary listens on the loopback addresses and counts connections. Each spelling of an address that leads to it, or to another
that is not public, is tried by every kind of request: a page to watch, a redirect, robots.txt, a sitemap, a feed, a webhook.
First the control: with its host allowed by name, the canary is reached by each of the six.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from crawler import crawling, outgoing
from crawler.network import ALLOW, Refused
from storage import Store
from storage.errors import ZaesurError
from storage.types import Article
from tests.faults import scene

PAGE = "/de/x/a-74000001"
SPELLINGS = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 0177.1 017700000001 127.000.000.001 127.0.0.1.
127.255.255.254 127.0.0.2 0.0.0.0 0 00 0x0 0.0 localhost LOCALHOST localhost. LocalHost ip6-localhost
[::1] [0:0:0:0:0:0:0:1] [0000::0001] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::127.0.0.1]
[64:ff9b::7f00:1] [::10.0.0.1] [::ffff:0:10.0.0.1] [64:ff9b:1::10.0.0.1] [fec0::1] [2002:7f00:1::] [2001:0:7f00:1:0:0:80ff:fffe] [fe80::1] [fe80::1%25lo] [fc00::1] [fd00:ec2::254] [ff02::1]
169.254.169.254 0xa9fea9fe 2852039166 169.254.43518 [::ffff:169.254.169.254] 10.0.0.1 10.1 012.0.0.1 0xa.0.0.1
172.16.0.1 172.31.255.255 192.168.0.1 192.168.1 3232235521 100.64.0.1 100.127.255.254 198.18.0.1 192.0.2.1 203.0.113.9
224.0.0.1 240.0.0.1 255.255.255.255 user@127.0.0.1 user:pass@localhost example.org@127.0.0.1 ①②⑦.⓪.⓪.① １２７.０.０.１
127。0。0。1 127.0.0.1%00.example.org 127.0.0.1#@example.org 127.0.0.1\\@example.org
""".split()  # noqa: SIM905 - reads as the list it is


class Canary:
    """Counts the connections to it, under IPv4 and where there is one under IPv6 too."""

    def __init__(self) -> None:
        self.count = 0
        self.port = 0
        self._sockets: list[socket.socket] = []

    @contextlib.contextmanager
    def listening(self) -> Iterator[Canary]:
        """Listen on every address of this machine, at one port."""
        first = socket.create_server(("0.0.0.0", 0))  # noqa: S104 - a connection to any address of this machine shall count
        self.port = first.getsockname()[1]
        self._sockets = [first]
        with contextlib.suppress(OSError):
            self._sockets.append(socket.create_server(("::", self.port), family=socket.AF_INET6))
        for each in self._sockets:
            threading.Thread(target=self._serve, args=(each,), daemon=True).start()
        try:
            yield self
        finally:
            for each in self._sockets:
                each.close()

    def _serve(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                self.count += 1
                with connection, contextlib.suppress(OSError):
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


class Pointing(BaseHTTPRequestHandler):
    """An outlet that may be asked, and that points elsewhere: its page, or its robots.txt, redirects to ``there``."""

    there = ""
    by = "page"

    def do_GET(self) -> None:
        """Answer."""
        robots = self.path == "/robots.txt"
        if robots == (self.by == "robots"):
            self.send_response(302)
            self.send_header("Location", self.there.encode("latin-1", "ignore").decode("latin-1"))
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def article(url: str, number: int) -> Article:
    """An article at any address."""
    return Article(id=f"x/{number}", outlet="x", url=url, language="de")


def ways(base: str, store: Store) -> dict[str, Callable[[str], Any]]:
    """The kinds of request that leave, each given a URL to lead to."""

    def pointed(by: str) -> Callable[[str], Any]:
        def ask(url: str) -> Any:
            Pointing.there, Pointing.by = url, by
            return crawling.run(crawling.collect([article(f"{base}{PAGE}", 1)]))

        return ask

    return {
        "watch": lambda url: crawling.run(crawling.collect([article(url, 2)])),
        "redirect": pointed("page"),
        "robots": pointed("robots"),
        "sitemap": lambda url: crawling.run(crawling.discover([url.replace(PAGE, "/news-sitemap.xml")], store)),
        "feed": lambda url: crawling.run(crawling.discover([url.replace(PAGE, "/rdf/rss-de-all")], store)),
        "webhook": lambda url: outgoing.send(url, b"{}", deadline=5),
    }


def generated(rng: random.Random) -> str:
    """Some spelling of some address that is not public."""
    networks = (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "0.0.0.0/8",
    )
    net = ipaddress.ip_network(rng.choice(networks))
    number = int(net.network_address) + rng.randrange(net.num_addresses)
    if rng.random() < 0.4:
        number = int(ipaddress.IPv4Address("127.0.0.1"))
    parts = [number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255]
    four = str(ipaddress.IPv4Address(number))

    def written(value: int) -> str:
        return rng.choice((str, hex, lambda each: f"0{each:o}", lambda each: f"0x{each:08X}"))(value)

    return rng.choice(
        (
            lambda: written(number),
            lambda: ".".join(map(written, parts)),
            lambda: f"{written(parts[0])}.{written(number & 0xFFFFFF)}",
            lambda: f"{written(parts[0])}.{written(parts[1])}.{written(number & 0xFFFF)}",
            lambda: f"[::ffff:{four}]",
            lambda: f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]",
            lambda: f"[64:ff9b::{four}]",
            lambda: f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::]",
            lambda: f"[::{four}]",
            lambda: f"{four}.",
            lambda: f"a@{four}",
            lambda: "".join(chr(0xFF10 + int(sign)) if sign.isdigit() else "。" for sign in four),
        )
    )()


def run(size: int, generate: int, seed: int) -> int:
    """The first ``size`` spellings by every way, and ``generate`` made ones by the guard and the webhook; the number of the exit."""
    rng = random.Random(seed)
    wrong = reached = tried = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pointing)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    own = f"127.0.0.1:{server.server_port}"
    before = {name: os.environ.get(name) for name in (ALLOW, "ZAESUR_DELAY")}
    os.environ["ZAESUR_DELAY"] = "0"
    with Canary().listening() as canary, scene.folder() as folder, Store.open(Path(folder) / "z.db") as store:
        out = ways(f"http://{own}", store)
        os.environ[ALLOW] = f"{own},127.0.0.1:{canary.port}"
        for name, ask in out.items():
            before_it = canary.count
            ask(f"http://127.0.0.1:{canary.port}{PAGE}")
            reached += canary.count > before_it
            if canary.count == before_it:
                print(f"CONTROL: {name} does not reach the canary although its host is allowed")
        os.environ[ALLOW] = own
        canary.count = 0

        def tried_by(name: str, url: str) -> None:
            nonlocal tried, wrong
            tried, counted = tried + 1, canary.count
            refused = False
            try:
                out[name](url)
            except Refused:
                refused = True
            except ZaesurError:
                pass
            if canary.count > counted:
                wrong += 1
                print(f"CONNECTED: {name} to {url}")
            elif name == "webhook" and not refused:  # nobody listens there, or no way leads there, today and here
                wrong += 1
                print(f"NOT REFUSED: {name} to {url}")

        for spelling in SPELLINGS[:size]:
            for name in out:
                tried_by(name, f"http://{spelling}:{canary.port}{PAGE}")
        for _ in range(generate):
            tried_by("webhook", f"http://{generated(rng)}:{canary.port}{PAGE}")
    server.shutdown()
    server.server_close()
    for name, value in before.items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    print(
        f"addresses: {wrong} connections to the canary, or tries that were not refused, in {tried} requests; target 0; control: reached by {reached} of {len(out)} ways"
    )
    return 1 if wrong or reached < len(out) else 0


if __name__ == "__main__":
    scene.command("addresses", run, len(SPELLINGS), generate=200)
