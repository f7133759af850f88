"""The reports in a browser: read-only, on this machine only, without scripts."""

from __future__ import annotations

import socket
from pathlib import Path

from reports.web.app import app

__all__ = ["app", "serve"]


def serve(database: Path, port: int) -> None:
    """Serve the reports of a database on loopback until interrupted; says where on stderr. Port 0 takes a free one."""
    import sys

    import uvicorn

    from storage.errors import UserError

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise UserError(f"port {port} cannot be used ({error.strerror}); name another with --port") from None
    taken = listener.getsockname()[1]
    sys.stderr.write(f"Reports: http://127.0.0.1:{taken}/ (Ctrl-C ends)\n")
    config = uvicorn.Config(app(database, taken), log_level="warning", server_header=False)
    uvicorn.Server(config).run(sockets=[listener])
