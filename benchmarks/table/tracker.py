"""Well-known trackers behind the tools' protocol: ``python -m benchmarks.table.tracker NAME DATABASE``; their Python is in TRACKER.

A name is a tracker and its set-up: ``plain`` as it comes, ``expert`` with the elements of headline, teaser and body named and
their tags taken away. Each runs as its users run it, a program of its own, told by nothing but its configuration and its output.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PARTS = "h1, .kicker, .author-details, .teaser-text, figcaption, .rich-text"  # all that an edit on a page of dw.com may touch
_CHANGED = re.compile(r"^(?:\d+\. )?CHANGED: (\S+)", re.MULTILINE)
_ENOUGH = 600.0  # seconds a round may take
Round = Callable[[list[str]], list[str]]


def main(name: str, database: str) -> None:
    """Serve rounds until the input ends."""
    tracker, expert = name.removesuffix("-expert"), name.endswith("-expert")
    folder = Path(database).with_suffix(".data")
    folder.mkdir()
    with _TRACKERS[tracker](folder, expert) as (look, used):
        for line in sys.stdin:
            urls = json.loads(line)
            (before, _), began = used(), time.perf_counter()
            changed = look(urls)
            wall = time.perf_counter() - began
            after, memory = used()
            figures = {"cpu": after - before, "wall": wall, "changed": changed, "memory": memory}
            print(json.dumps(figures), flush=True)


def _ended_children() -> tuple[float, float]:
    """Seconds of processor time and the most MiB of what was started and has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


@contextlib.contextmanager
def _urlwatch(folder: Path, expert: bool) -> Iterator[tuple[Round, Callable[[], tuple[float, float]]]]:
    filters = [{"css": PARTS}, {"html2text": {"method": "re"}}] if expert else []
    (folder / "config.json").write_text(
        json.dumps(
            {"report": {"text": {"details": False, "footer": False}, "stdout": {"enabled": True, "color": False}}}
        )
    )
    command = [
        "urlwatch",
        "--config",
        "config.json",
        "--cache",
        "cache.db",
        "--urls",
        "jobs.yaml",
        "--hooks",
        "none.py",
    ]
    yield (lambda urls: _told(folder, command, urls, {"filter": filters} if filters else {})), _ended_children


@contextlib.contextmanager
def _webchanges(folder: Path, expert: bool) -> Iterator[tuple[Round, Callable[[], tuple[float, float]]]]:
    filters = [{"css": PARTS}, {"html2text": {"method": "strip_tags"}}] if expert else []
    (folder / "config.json").write_text(json.dumps({"report": {"stdout": {"enabled": True, "color": False}}}))
    command = ["webchanges", "--config", "config.json", "--database", "cache.db", "--jobs", "jobs.yaml"]
    yield (lambda urls: _told(folder, command, urls, {"filters": filters} if filters else {})), _ended_children


def _told(folder: Path, command: list[str], urls: list[str], more: dict[str, Any]) -> list[str]:
    """Run a tracker that is a command over these pages; the pages it says have changed."""
    # JSON is YAML
    (folder / "jobs.yaml").write_text(
        "---\n".join(json.dumps({"name": url, "url": url, **more}) + "\n" for url in urls)
    )
    program = str(Path(os.environ["TRACKER"]).with_name(command[0]))
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, capture_output=True, text=True, check=False, timeout=_ENOUGH
    )
    if done.returncode > 1 or "ERROR: " in done.stdout:
        raise SystemExit(f"{command[0]} failed: {(done.stderr or done.stdout)[-600:]}")
    return [url for url in dict.fromkeys(_CHANGED.findall(done.stdout)) if url in set(urls)]


@contextlib.contextmanager
def _changedetection(folder: Path, expert: bool) -> Iterator[tuple[Round, Callable[[], tuple[float, float]]]]:
    port = 20_000 + os.getpid() % 20_000
    environment = {
        **os.environ,
        "MINIMUM_SECONDS_RECHECK_TIME": "0",
        "ALLOW_IANA_RESTRICTED_ADDRESSES": "true",
        "DISABLE_VERSION_CHECK": "true",
        "NOTIFICATION_MAIL_BUTTON_PREFIX": "",
    }
    program = str(Path(os.environ["TRACKER"]).with_name("changedetection.io"))
    command = [program, "-C", "-d", str(folder), "-h", "127.0.0.1", "-p", str(port), "-l", "ERROR"]
    with (folder.parent / f"{folder.name}.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        service = _Service(f"http://127.0.0.1:{port}/api/v1", folder, expert)
        yield service.look, lambda: _of_group(server.pid)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


class _Service:
    """changedetection.io through its API."""

    def __init__(self, base: str, folder: Path, expert: bool) -> None:
        self._base, self._folder = base, folder
        self._more: dict[str, Any] = {"include_filters": PARTS.split(", ")} if expert else {}
        self._named: dict[str, str] = {}
        self._key = ""

    def look(self, urls: list[str]) -> list[str]:
        """Add what is new, check everything of these pages once, say what has changed."""
        self._wait(lambda: self._find_key() and self._ask("/systeminfo"))
        before = self._watches() if self._named else {}
        for url in urls:
            if url not in self._named:
                self._named[url] = self._ask("/watch", {"url": url, **self._more})["uuid"]
        if before:
            for url in urls:
                self._ask(f"/watch/{self._named[url]}?recheck=1")
        wanted = {self._named[url]: url for url in urls}
        self._wait(lambda: all(self._checked(uuid, before, found) for found in [self._watches()] for uuid in wanted))
        after = self._watches()
        if wrong := [after[uuid]["last_error"] for uuid in wanted if after[uuid].get("last_error")]:
            raise SystemExit(f"changedetection.io failed: {wrong[0]}")
        return [
            url
            for uuid, url in wanted.items()
            if uuid in before and after[uuid]["last_changed"] != before[uuid]["last_changed"]
        ]

    @staticmethod
    def _checked(uuid: str, before: dict[str, Any], now: dict[str, Any]) -> bool:
        return bool(now[uuid]["last_checked"]) and now[uuid]["last_checked"] != before.get(uuid, {}).get("last_checked")

    def _watches(self) -> dict[str, Any]:
        return dict(self._ask("/watch"))

    def _find_key(self) -> bool:
        for file in self._folder.glob("*.json"):
            with contextlib.suppress(ValueError, KeyError):
                self._key = json.loads(file.read_text())["settings"]["application"]["api_access_token"]
        return bool(self._key)

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"x-api-key": self._key, "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self._base + path, data, headers), timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    @staticmethod
    def _wait(met: Callable[[], Any]) -> None:
        deadline = time.monotonic() + _ENOUGH
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if met():
                    return
            time.sleep(0.2)
        raise SystemExit("changedetection.io does not answer, or did not look at everything")


def _of_group(leader: int) -> tuple[float, float]:
    """Seconds of processor time and the most MiB of a process and those it started."""
    seconds, most = 0.0, 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == leader:  # its process group
                seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                peak = (stat.parent / "status").read_text().partition("VmHWM:")[2].split()
                most += int(peak[0]) / 1024 if peak else 0.0
    return seconds, most


_TRACKERS = {"urlwatch": _urlwatch, "webchanges": _webchanges, "changedetection.io": _changedetection}

if __name__ == "__main__":
    main(*sys.argv[1:])
