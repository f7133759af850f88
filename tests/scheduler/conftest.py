"""What tests of anchors and time stamps share: an authority, and the demo's database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.demo import Demonstrated, demonstrate
from storage import Store
from tests.scheduler.tsa import Authority, certify, stamping


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tsa")
    certify(folder)
    return folder


@pytest.fixture
def authority(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """An authority that may be contacted."""
    with stamping(certificates) as made:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", made.url.removeprefix("http://").removesuffix("/tsr"))
        yield made


@pytest.fixture(scope="session")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Demonstrated:
    return demonstrate(tmp_path_factory.mktemp("demo") / "zaesur.db", lambda text: None)


@pytest.fixture
def demo_database(demonstrated: Demonstrated, tmp_path: Path) -> Path:
    """A copy of the demo's database: six looks."""
    path = tmp_path / "zaesur.db"
    with Store.open(demonstrated.database, write=False) as store:
        store.backup(path)
    return path
