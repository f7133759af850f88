"""The service keeps its database: verified backups that rotate, evidence untouched; the unit and container file are in order."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.configuration import Configuration, Maintenance
from scheduler.maintenance import daily, maintain, rotate
from scheduler.revisiting import plan_next
from scheduler.service import Service
from storage import Store
from storage.errors import StoreError
from storage.passed import read_passed, write_passed
from tests.scheduler.newsdesk import ROOT, publish, zaesur
from tests.scheduler.test_gaps import due, followed, look
from tests.storage.test_seals import by_hand


def test_upkeep_backs_up_keeps_the_newest_and_touches_no_evidence(tmp_path: Path) -> None:
    publish(tmp_path / "z.db", "Eins.", "Zwei.")
    folder = tmp_path / "copies"
    folder.mkdir()
    for day in range(1, 6):
        (folder / f"z-2026030{day}T000000Z.db").touch()
    (folder / "z-mine.db").touch()
    configuration = Configuration(maintenance=Maintenance(backups="copies", keep=3, runs=30))
    with Store.open(tmp_path / "z.db") as store:
        run = store.start_run("discover")
        store.finish_run(run, {})
        before = list(store.captures()), list(store.changes())
        assert asyncio.run(maintain(store, configuration)) == {
            "pages packed": 2,
            "backed up": 1,
            "old backups removed": 3,
        }
        assert (list(store.captures()), list(store.changes())) == before
        assert store.forget_runs(datetime.now(UTC) + timedelta(days=1)) == 1
        assert list(store.verify_chain()) == []
    names = sorted(path.name for path in folder.iterdir())
    assert names[:2] == ["z-20260304T000000Z.db", "z-20260305T000000Z.db"]
    assert names[-1] == "z-mine.db", "what is not named as ours is not ours"
    assert len(names) == 4
    with Store.open(folder / names[2], write=False) as copied:
        assert len(copied.captures()) == 2
    assert rotate(folder, "z", 3) == 0


def test_upkeep_verifies_what_is_new_once_a_verification_has_passed(tmp_path: Path) -> None:
    database = tmp_path / "z.db"
    publish(database, "Eins.")
    with Store.open(database) as store:
        asyncio.run(maintain(store, Configuration()))
        assert read_passed(database) is None, "nobody asked for it"
        assert write_passed(database, store.passed_now())
    first = read_passed(database)
    publish(database, "Eins.")
    with Store.open(database) as store:
        asyncio.run(maintain(store, Configuration()))
        second = read_passed(database)
        assert first is not None
        assert second is not None
        assert (second.seal > first.seal, second.whole, store.incidents()) == (True, first.whole, [])
    by_hand(database, "captures", "UPDATE captures SET reason = 'x' WHERE id = 1")
    with Store.open(database) as store:
        asyncio.run(maintain(store, Configuration()))
        (incident,) = store.incidents()
        assert (incident.kind, "captures 1: altered" in incident.detail) == ("records", True)
    assert read_passed(database) == second


def test_what_is_done_daily_is_done_once_a_day_whoever_is_asked_and_again_when_it_failed(tmp_path: Path) -> None:
    done: list[str] = []

    async def work(store: Store) -> Counter[str]:
        done.append("tried")
        if len(done) == 1:
            raise StoreError("no room")
        return Counter(kept=1)

    for _ in range(2):  # a service that is started anew
        with Store.open(tmp_path / "z.db") as store:
            for _ in range(2):
                with suppress(StoreError):
                    asyncio.run(daily(store, "keep", work))
    assert len(done) == 2
    with Store.open(tmp_path / "z.db") as store:
        store.remember("daily keep", {"on": f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"})
        assert asyncio.run(daily(store, "keep", work)) == {"kept": 1}


def test_cron_has_the_records_kept_too(tmp_path: Path) -> None:
    """`zaesur run --once` does what the service does once a day, the first time it is asked on a day."""
    database = tmp_path / "z.db"
    publish(database, "Eins.", "Zwei.")
    configuration = Configuration(maintenance=Maintenance(backups="copies", tsa="http://localhost:9/"))
    with Store.open(database) as store:
        for _ in range(2):
            asyncio.run(Service(store, lambda text: None, configuration).once())
        assert store.waiting_pages() == 0
        assert {incident.detail.partition(":")[0] for incident in store.incidents()} == {"anchor"}
        assert store.recall("daily plan") == {"on": f"{datetime.now(UTC):%Y-%m-%d}"}
    assert len(list((tmp_path / "copies").iterdir())) == 1


def test_the_baselines_that_come_with_it_are_found_from_any_folder(tmp_path: Path) -> None:
    done = zaesur(tmp_path, "seeds", "import")
    assert (done.returncode, done.stderr.count("no manifest")) == (0, 0), done.stderr


def test_how_the_plan_was_kept_is_counted_look_by_look(tmp_path: Path) -> None:
    from storage.types import Outcome

    with followed(tmp_path / "z.db") as store:
        look(store, due(store))
        look(store, due(store) + timedelta(hours=6))
        look(store, due(store), Outcome.SET_ASIDE)
        plan_next(store, {})
        (row,) = store.plan_kept()
    assert (row["looks"], row["kept"]) == (4, 0.5)
    assert row["expected_missed"] == 0, "nothing was seen to change"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_the_unit_is_in_order(tmp_path: Path) -> None:
    # the program it starts lies elsewhere on this machine
    text = (
        (ROOT / "deploy" / "zaesur.service").read_text(encoding="utf-8").replace("/opt/zaesur/bin/zaesur", "/bin/true")
    )
    unit = tmp_path / "zaesur.service"
    unit.write_text(text, encoding="utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_the_container_file_copies_what_there_is_and_runs_as_nobody_special() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    copied = [name for line in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE) for name in line.split()]
    assert all((ROOT / name).exists() for name in copied)
    packages = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("packages = ")[2].partition("\n")[0]
    assert set(re.findall(r'"(\w+)"', packages)) <= set(copied)
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert not re.search(r"ADD |:latest|sudo|chmod 777", text)


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not here")
def test_the_container_file_passes_its_linter() -> None:
    checked = subprocess.run(
        ["hadolint", str(ROOT / "deploy" / "Containerfile")], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "")
