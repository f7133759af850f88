"""Where the database lies may be read-only, another user's, full, or taken away: what can be read is read, the rest is said in one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extraction import fingerprint
from storage import Store
from storage.errors import TakenAway
from storage.types import Article, Block, BlockKind, Content, Look
from tests.scheduler.newsdesk import ROOT, publish

STRANGER = 65534  # nobody
READERS = [("changes",), ("status",), ("show", "1"), ("events",), ("verify",), ("watch", "list")]
WRITERS = [("run", "--once"), ("watch", "add", "https://www.dw.com/de/x/a-12345678")]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
_MOUNTED = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=30).returncode == 0
    except OSError:
        return False


mounting = pytest.mark.skipif(not _works(_MOUNTED), reason="only who may mount a disk can try one")
stranger = pytest.mark.skipif(
    os.geteuid() != 0
    or not _works(["setpriv", f"--reuid={STRANGER}", sys.executable, "-c", f"open({str(ROOT / 'README.md')!r})"]),
    reason="only root can be somebody else, who must be able to read the program",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users can enter, as pytest's own are not."""
    made = Path(tempfile.mkdtemp(prefix="zaesur-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def _left_by_a_killed_writer(path: Path) -> None:
    """A database whose newest commits are in the log beside it, with a comparison that is still owed."""
    publish(path, "Eins.", "Zwei.")
    program = (
        "import os, sys; from tests.scheduler.test_places import _record; store = _record(sys.argv[1]); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, env=ENVIRONMENT)
    assert Path(f"{path}-wal").stat().st_size


def _record(path: str) -> Store:
    """Record a third version and leave the store open."""
    store, at = Store.open(path), datetime(2026, 3, 5, tzinfo=UTC)
    article = Article(id="a-71703301", outlet="dw", url="https://www.dw.com/de/x/a-71703301", language="de")
    blocks = (Block(kind=BlockKind.PARAGRAPH, text="Drei und vieles mehr."),)
    store.record(
        Look(
            requested_url=article.url,
            article=article,
            started=at,
            answered=at,
            status=200,
            body=b"three",
            content=Content(headline="Ein Dorf", language="de", blocks=blocks),
            fingerprint=fingerprint(),
        )
    )
    return store


def _zaesur(database: Path, *words: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-m", "scheduler", "--db", str(database), *words]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, cwd="/", timeout=120)


def _on_a_disk(database: Path, how: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with a copy of the database on a small disk of its own, made ready by ``how``, in a name space of its own."""
    script = f'mount -t tmpfs -o size=8m tmpfs /mnt && cp -a "$0"/. /mnt/ && {how} && exec "$@"'
    return _zaesur(
        Path("/mnt") / database.name, *words, before=("unshare", "-m", "sh", "-c", script, str(database.parent))
    )


READ_ONLY = "mount -o remount,ro tmpfs /mnt"
FULL = "(cat /dev/zero > /mnt/ballast 2> /dev/null || true)"


def _one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stdout + done.stderr
    return done.stderr


@mounting
@pytest.mark.parametrize("how", [READ_ONLY, FULL], ids=["read-only", "full"])
@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_readers_show_all_that_was_acknowledged_where_nothing_can_be_written(
    tmp_path: Path, how: str, words: tuple[str, ...]
) -> None:
    _left_by_a_killed_writer(tmp_path / "z.db")
    there = _on_a_disk(tmp_path / "z.db", how, *words)
    assert "Traceback" not in there.stderr
    here = _zaesur(tmp_path / "z.db", *words)
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout), there.stderr


@mounting
def test_a_comparison_still_owed_is_made_in_a_copy_where_it_cannot_be_recorded(tmp_path: Path) -> None:
    _left_by_a_killed_writer(tmp_path / "z.db")
    done = _on_a_disk(tmp_path / "z.db", READ_ONLY, "changes")
    assert done.stdout.count("Ein Dorf") == 2, done.stdout
    assert "compared in a copy" in done.stderr
    with Store.open(tmp_path / "z.db", write=False) as store:
        assert len(store.owed()) == 1


@mounting
@pytest.mark.parametrize(
    ("how", "why"), [(READ_ONLY, "can only be read"), (FULL, "make room")], ids=["read-only", "full"]
)
@pytest.mark.parametrize("words", WRITERS, ids=" ".join)
def test_a_writer_says_in_one_line_that_nothing_can_be_written(
    tmp_path: Path, how: str, why: str, words: tuple[str, ...]
) -> None:
    publish(tmp_path / "z.db", "Eins.", "Zwei.")
    assert why in _one_line(_on_a_disk(tmp_path / "z.db", how, *words)).lower()


@stranger
@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_another_user_who_may_read_the_files_reads_all_of_them(folder: Path, words: tuple[str, ...]) -> None:
    _left_by_a_killed_writer(folder / "z.db")
    there = _zaesur(folder / "z.db", *words, before=("setpriv", f"--reuid={STRANGER}", "--clear-groups"))
    assert "Traceback" not in there.stderr
    here = _zaesur(folder / "z.db", *words)
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout), there.stderr


@stranger
@pytest.mark.parametrize("words", WRITERS, ids=" ".join)
def test_another_user_who_may_not_write_is_told_whose_files_stand_in_the_way(
    folder: Path, words: tuple[str, ...]
) -> None:
    publish(folder / "z.db", "Eins.", "Zwei.")
    said = _one_line(_zaesur(folder / "z.db", *words, before=("setpriv", f"--reuid={STRANGER}", "--clear-groups")))
    assert "Permission denied" in said
    assert "the user who owns them" in said


@pytest.mark.parametrize("what", ["removed", "replaced", "folder"])
def test_nothing_is_acknowledged_after_the_files_were_taken_away(tmp_path: Path, what: str) -> None:
    place = tmp_path / "place"
    place.mkdir()
    store = _record(str(place / "z.db"))
    try:
        if what == "folder":
            place.rename(tmp_path / "elsewhere")
        else:
            (place / "z.db").rename(place / "other.db")
        if what == "replaced":
            shutil.copy(place / "other.db", place / "z.db")
        with pytest.raises(TakenAway, match="removed, moved or replaced"):
            store.start_run("revisit")
    finally:
        store.close()
