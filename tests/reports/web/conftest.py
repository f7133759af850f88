"""The invented newsroom behind the pages: asked in this process, over a real server, and by a real Chromium."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.testclient import TestClient

from reports.web import Exposure, app
from scheduler.showing import reading
from tests.reports import newsroom

PORT = 8730
Ask = Callable[..., TestClient]


@pytest.fixture(scope="session")
def newsroom_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newsroom, to be read only."""
    return newsroom.build(tmp_path_factory.mktemp("newsroom") / "zaesur.db")


@pytest.fixture
def own_database(newsroom_database: Path, tmp_path: Path) -> Path:
    """A newsroom of one's own, to be written to."""
    return Path(shutil.copy(newsroom_database, tmp_path / "zaesur.db"))


def client(path: Path, *, exposure: Exposure | None = None, review: bool = False) -> TestClient:
    """A reader without a browser."""
    served = app(path, PORT, reading(), exposure, review=review)
    return TestClient(served, base_url=f"http://127.0.0.1:{PORT}")


@pytest.fixture(scope="session")
def pages(newsroom_database: Path) -> TestClient:
    """The newsroom's pages."""
    return client(newsroom_database)


@contextmanager
def live(path: Path, *, review: bool = False) -> Iterator[str]:
    """The pages over a real server on loopback."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    config = uvicorn.Config(app(path, port, reading(), review=review), log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real Chromium; tests that need it are skipped by name where there is none."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
