"""Read pages in a process apart, so that a page that eats processor time or memory, or crashes a parser, costs only itself.

One reader a process, started when the first page needs it and kept, and a second one once the main thread, where the event loop runs,
would have to wait for a page of another thread: a slow page of one outlet must not stop all others. A reader's end is ``crawler.reader``. Plain JSON lines travel, for
what comes back from a reader of hostile pages must not be able to run anything here. The page follows its line as it is.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec
from msgspec.structs import replace

from crawler.extraction import fingerprint
from storage.content import decode, encode
from storage.errors import NotNow
from storage.types import Content, Look, Outcome

WALL = 60.0  # seconds from handing a page over to its content; a page of dw.com takes a twentieth of one
CPU = 30  # seconds of processor time a page
MEMORY = 512 << 20  # bytes beyond what the reader itself needs
# when garbage is looked for, here and there: of the thousands of objects that a look makes few are left in cycles
GARBAGE = (20_000, 20, 50)
_PIPE = 1 << 20  # bytes; more than nearly every page has
_PIECE = 1 << 16  # bytes of an answer read at once
OUT_OF_MEMORY = 77  # the reader's exit code
# -P: nothing that lies in the current folder is taken for a library
COMMAND = [sys.executable, "-P", "-m", "crawler.reader"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader gets before the page itself: a look without its body, the last accepted content, the page's length in bytes.

    Without a look, all text on the page is asked for. ``fingerprint`` is that of the extractor the look will name.
    """

    look: Look | None = None
    last: Content | None = None
    length: int
    fingerprint: str


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader found: a look or a text; ``problem``: what the reading stumbled over, in words."""

    look: Look | None = None
    text: str = ""
    problem: str | None = None


def read_apart(look: Look, page: bytes, last: Content | None) -> Look:
    """``read_article`` under limits; blocks. A page that meets one is set aside with the reason, its body stays with the look."""
    # the body and the headers stay here: the text is not read from them
    bare = replace(look, body=None, headers=(), request_headers=(), same_as=None)
    found = _ask(Asked(look=bare, last=last, length=len(page), fingerprint=fingerprint()), page)
    if isinstance(found, str):
        return replace(look, outcome=Outcome.SET_ASIDE, reason=found, content=None)
    if found.look is None:
        reason = f"the page could not be read: {found.problem}"[:300]
        return replace(look, outcome=Outcome.EXTRACT_FAILED, reason=reason, content=None)
    return replace(
        found.look,
        body=look.body,
        headers=look.headers,
        request_headers=look.request_headers,
        same_as=look.same_as,
    )


def text_apart(page: bytes) -> str:
    """All text that stands on a page (in UTF-8), under limits; blocks. Raises NotNow when the reader cannot say: "" would say that nothing stands there."""
    found = _ask(Asked(length=len(page), fingerprint=fingerprint()), page)
    if isinstance(found, str) or found.problem is not None:
        raise NotNow(
            f"the text of a stored page could not be read: {found if isinstance(found, str) else found.problem}"
        )
    return found.text


def _ask(asked: Asked, page: bytes) -> Read | str:
    """The reader's answer; or, when it ended over this page, the reason."""
    request = encode(asked).encode() + b"\n" + page
    on_loop = threading.current_thread() is threading.main_thread()
    with _readers.mine(wait=not on_loop) as mine:
        answer = (_readers if mine else _spare).ask(request)
    return answer if isinstance(answer, str) else decode(answer, Read)


class _Readers:
    """A reader of this process: one page at a time, a new one whenever the last is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._ours = os.getpid()

    @contextmanager
    def mine(self, *, wait: bool) -> Iterator[bool]:
        """Whether the reader is the caller's for now; it is, where the caller waits until others are done."""
        taken = self._lock.acquire(blocking=wait)
        try:
            yield taken
        finally:
            if taken:
                self._lock.release()

    def ask(self, request: bytes) -> bytes | str:
        """The answer; or, when the reader ended over this page, the reason. By one caller at a time."""
        child, deadline = self._running(), time.monotonic() + WALL
        answer = _exchanged(child, request, deadline)
        if answer.endswith(b"\n"):
            return answer
        if late := time.monotonic() >= deadline:
            child.kill()
        self.close()
        return _told(child.returncode, late)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = subprocess.Popen(  # noqa: S603 - our own module
                COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    os.set_blocking(pipe.fileno(), False)
                    with suppress(OSError, AttributeError):  # a whole page in one go, where the system allows that
                        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        return self._child

    def close(self) -> None:
        """End the reader; it goes when its input ends."""
        child, self._child = self._child, None
        if child is None or os.getpid() != self._ours:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _exchanged(child: subprocess.Popen[bytes], request: bytes, deadline: float) -> bytes:
    """A line and a page in, a line out; an answer without its line's end means that the reader ended, or that it is too late."""
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the reader has no pipes")
    into, out = child.stdin.fileno(), child.stdout.fileno()
    unsent, answer, ready = memoryview(request), bytearray(), select.poll()
    ready.register(into, select.POLLOUT)
    ready.register(out, select.POLLIN)
    while not answer.endswith(b"\n") and (left := deadline - time.monotonic()) > 0:
        for pipe, _ in ready.poll(left * 1000):
            if pipe == into:
                unsent = unsent[_written(into, unsent) :]
                if not unsent:
                    ready.unregister(into)
            elif piece := os.read(out, _PIECE):
                answer += piece
            else:
                return bytes(answer)
    return bytes(answer)


def _written(pipe: int, data: memoryview) -> int:
    """How much of this a reader took; all of it when the reader is gone, whose end is read elsewhere."""
    try:
        return os.write(pipe, data)
    except BlockingIOError:
        return 0
    except OSError:
        return len(data)


def _told(code: int, late: bool) -> str:
    if late:
        return f"reading it took longer than {WALL:g} seconds"
    if code == -signal.SIGXCPU:
        return f"reading it took more than {CPU} seconds of processor time"
    if code == OUT_OF_MEMORY:
        return f"reading it took more than {MEMORY >> 20} MiB of memory"
    return f"the reader ended over it ({signal.Signals(-code).name if code < 0 else f'exit {code}'})"


_readers = _Readers()
_spare = _Readers()  # the main thread's alone
_left: list[_Readers] = []


def _forked() -> None:
    """A forked child starts readers of its own; the parent's stay untouched."""
    global _readers, _spare
    _left.extend((_readers, _spare))  # kept, for what is collected is closed
    _readers, _spare = _Readers(), _Readers()


os.register_at_fork(after_in_child=_forked)
atexit.register(lambda: _readers.close())
atexit.register(lambda: _spare.close())
