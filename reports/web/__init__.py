"""The reports in a browser: on this machine only unless exposed with a token, read-only unless reviewing is allowed."""

from __future__ import annotations

import socket
from pathlib import Path

from reports.site import Reading
from reports.web.access import Exposure
from reports.web.app import app

__all__ = ["Exposure", "app", "serve"]


def serve(
    database: Path,
    port: int,
    reading: Reading,
    *,
    host: str = "127.0.0.1",
    exposure: Exposure | None = None,
    review: bool = False,
) -> None:
    """Serve the reports of a database until interrupted; says where on stderr. Port 0 takes a free one."""
    import sys

    import uvicorn

    from reports.site.view import warm
    from storage.errors import UserError

    warm()
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)  # whoever follows the address at once must not be refused
    except OSError as error:
        listener.close()
        raise UserError(f"{host} port {port} cannot be used ({error.strerror}); name another with --port") from None
    taken = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Reports: http://{shown}:{taken}/ (Ctrl-C ends)\n")
    served = app(database, taken, reading, exposure, review=review)
    config = uvicorn.Config(served, log_level="warning", server_header=False)
    uvicorn.Server(config).run(sockets=[listener])
