"""A page that eats processor time or memory, hangs or kills its reader costs only itself: it is set aside with the reason."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler import apart
from crawler.apart import read_apart, text_apart
from crawler.extraction import Page, standing_text
from crawler.reading import open_page, read_article
from storage.errors import NotNow
from storage.types import Look, Outcome
from tests.faults import pages

SAMPLE = next(pages.invented())
# the reader with a fault for each name; only its reading of a page is another
FAULTY = """
import os, signal, time
from crawler import apart, reader
apart.CPU = reader.CPU = 1

def eats_time():
    while True: pass
def eats_time_in_c(): return sum(range(10**12))
def eats_memory(): return [bytearray(1 << 20) for n in range(1 << 20)]
def swallows_the_error():
    kept = []
    try:
        while True: kept.append(bytearray(1 << 20))
    except MemoryError: kept.clear()
def hangs(): time.sleep(600)
def goes_down(): return goes_down()
def crashes(): os.kill(os.getpid(), signal.SIGSEGV)
def is_killed(): os.kill(os.getpid(), signal.SIGKILL)

def read(look, page, last):
    name = page.decode().partition("<!--fault ")[2].partition("-->")[0]
    globals()[name]() if name else None
    return look
reader.read_article = read
reader.main()
"""


def opened(page: str = SAMPLE.page) -> tuple[Look, bytes]:
    look, text = open_page(pages.look(SAMPLE, page.encode()))
    assert look.outcome is None
    return look, text


def page(fault: str) -> tuple[Look, bytes]:
    return opened(SAMPLE.page.replace("</article>", f"<!--fault {fault}--></article>"))


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers that fail as the page tells them; the one that runs ends first."""
    apart._readers.close()
    monkeypatch.setattr(apart, "COMMAND", [sys.executable, "-P", "-c", FAULTY])


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    apart._readers.close()


def test_a_page_reads_the_same_apart() -> None:
    for sample in pages.invented():
        look, text = open_page(pages.look(sample, sample.page.encode()))
        here = read_article(look, text, None)
        assert read_apart(look, text, None) == here
        assert read_apart(look, text, here.content) == read_article(look, text, here.content)


def test_a_program_changed_under_the_running_service_reads_nothing_in_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    apart._readers.close()
    changed = "from crawler import body, reader; body.OPTIONS['include_tables'] = False; reader.main()"
    monkeypatch.setattr(apart, "COMMAND", [sys.executable, "-P", "-c", changed])
    done = read_apart(*opened(), None)
    assert (done.outcome, done.content) == (Outcome.EXTRACT_FAILED, None)
    assert "start it again" in (done.reason or "")


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("eats_time", "processor time"),
        ("eats_time_in_c", "processor time"),
        ("eats_memory", "512 MiB of memory"),
        ("swallows_the_error", "512 MiB of memory"),
        ("crashes", "SIGSEGV"),
        ("is_killed", "SIGKILL"),
    ],
)
def test_a_page_that_ends_its_reader_is_set_aside_with_the_reason_and_the_next_is_read(fault: str, reason: str) -> None:
    look, text = page(fault)
    done = read_apart(look, text, None)
    assert done.outcome is Outcome.SET_ASIDE
    assert reason in (done.reason or "")
    assert done.body == look.body
    assert read_apart(*opened(), None).outcome is None


@pytest.mark.usefixtures("faulty")
def test_a_page_whose_reading_hangs_is_set_aside_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_apart(*opened(), None).outcome is None
    monkeypatch.setattr(apart, "WALL", 0.5)
    done = read_apart(*page("hangs"), None)
    assert (done.outcome, done.reason) == (Outcome.SET_ASIDE, "reading it took longer than 0.5 seconds")


@pytest.mark.usefixtures("faulty")
def test_a_page_without_end_of_recursion_is_a_fault_of_the_reader_that_is_told() -> None:
    done = read_apart(*page("goes_down"), None)
    assert done.outcome is Outcome.EXTRACT_FAILED
    assert "RecursionError" in (done.reason or "")


def test_a_reader_that_was_killed_between_two_pages_is_no_pages_fault() -> None:
    assert read_apart(*opened(), None).outcome is None
    child = apart._readers._child
    assert child
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert read_apart(*opened(), None).outcome is None


def test_a_stop_of_the_group_leaves_the_reader_to_its_parent() -> None:
    assert read_apart(*opened(), None).outcome is None
    child = apart._readers._child
    assert child
    for number in (signal.SIGTERM, signal.SIGINT):
        child.send_signal(number)
    assert read_apart(*opened(), None).outcome is None
    assert apart._readers._child is child


@pytest.mark.parametrize("hanging", [False, True])
def test_a_reader_does_not_outlive_a_parent_that_is_killed(hanging: bool) -> None:
    words = f"""
import sys, threading
from crawler import apart
from tests.crawler.test_apart import FAULTY, opened, page
apart.COMMAND = [sys.executable, "-P", "-c", FAULTY]
apart.read_apart(*opened(), None)
if {hanging}: threading.Thread(target=apart.read_apart, args=(*page("hangs"), None)).start()
print(apart._readers._child.pid, flush=True)
sys.stdin.read()
"""
    command, root = [sys.executable, "-c", words], Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert parent.stdout
        gone = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    assert select.select([gone], [], [], 20)[0], "it is still there"
    os.close(gone)


def _reads_by_itself(parents: object) -> int:
    signal.alarm(30)  # a wait that never ends would be the fault
    fine = read_apart(*opened(), None).outcome is None and apart._readers._child is not parents
    apart._readers.close()
    return 0 if fine else 1


def test_a_forked_process_has_a_reader_of_its_own() -> None:
    assert read_apart(*opened(), None).outcome is None
    ours = apart._readers._child
    with apart._readers._lock:  # as if a page were being read
        child = os.fork()
        if not child:
            os._exit(_reads_by_itself(ours))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert read_apart(*opened(), None).outcome is None
    assert apart._readers._child is ours


def test_commands_that_read_no_page_start_no_reader() -> None:
    words = "import crawler.crawling, crawler.apart; assert crawler.apart._readers._child is None"
    subprocess.run([sys.executable, "-c", words], check=True)


def test_the_text_of_a_page_is_the_same_apart() -> None:
    for sample in pages.invented():
        _, text = open_page(pages.look(sample, sample.page.encode()))
        assert text_apart(text) == standing_text(Page(text)) != ""


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "the reader ended over it (SIGKILL)"),
        ("sum(range(10**12))", "reading it took more than 1 seconds of processor time"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_text_that_could_not_be_read_is_never_called_empty(
    monkeypatch: pytest.MonkeyPatch, fault: str, reason: str
) -> None:
    """What is not on the page was removed: a reader that fails must not say that nothing is there."""
    faulty = (
        "import os, signal; from crawler import apart, reader; apart.CPU = reader.CPU = 1; "
        f"reader.standing_text = lambda page: {fault}; reader.main()"
    )
    monkeypatch.setattr(apart, "CPU", 1)
    monkeypatch.setattr(apart, "COMMAND", [sys.executable, "-P", "-c", faulty])
    apart._readers.close()
    _, text = opened()
    with pytest.raises(NotNow, match=re.escape(reason)):
        text_apart(text)
