"""A real time-stamping authority (OpenSSL's) on loopback."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_TSA = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
"""
_EXTENSIONS = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n"


@dataclass
class Authority:
    """A time-stamping authority on loopback: its address, its certificates, what it answers next."""

    url: str
    root: Path
    other_root: Path
    broken: str = ""


def openssl(folder: Path, *arguments: str) -> bytes:
    """What OpenSSL prints, run in this folder."""
    return subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60).stdout


def certify(folder: Path) -> None:
    """Make the keys and certificates of an authority, and a root that has nothing to do with it."""
    (folder / "ext").write_text(_EXTENSIONS, encoding="ascii")
    (folder / "tsa.cnf").write_text(_TSA.format(folder=folder), encoding="utf-8")
    (folder / "serial").write_text("01", encoding="ascii")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    for name in ("root", "other"):
        openssl(folder, "req", "-x509", *new, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
    openssl(folder, "req", *new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=stamps")
    sign = ("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
    openssl(folder, *sign, "-extfile", "ext", "-days", "1", "-out", "tsa.pem")


@contextmanager
def stamping(certificates: Path) -> Iterator[Authority]:
    """OpenSSL's time-stamping authority behind HTTP."""
    made: Authority

    class Stamps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = certificates / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            if made.broken == "replay":
                openssl(certificates, "ts", "-query", "-digest", "00" * 32, "-sha256", "-cert", "-out", "query.tsq")
            reply = (
                "ts",
                "-reply",
                "-queryfile",
                "query.tsq",
                "-config",
                "tsa.cnf",
                "-signer",
                "tsa.pem",
                "-inkey",
                "tsa.key",
            )
            openssl(certificates, *reply, "-out", "reply.tsr")
            body = b"<html>" if made.broken == "garbage" else (certificates / "reply.tsr").read_bytes()
            self.send_response(503 if made.broken == "down" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stamps)
    made = Authority(
        url=f"http://127.0.0.1:{server.server_port}/tsr",
        root=certificates / "root.pem",
        other_root=certificates / "other.pem",
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
