"""The process that reads pages under limits: ``python -m crawler.reader``, one JSON line and a page in, one line out (see ``crawler.apart``)."""

from __future__ import annotations

import gc
import math
import os
import resource
import select
import signal
import sys
import threading
import time
from functools import cache

from crawler.apart import CPU, GARBAGE, MEMORY, OUT_OF_MEMORY, Asked, Read
from crawler.extraction import OUTDATED, Page, fingerprint, standing_text
from crawler.reading import read_article
from storage.content import decode, encode


def main() -> None:
    """Answer each page until the input ends; gone at once when it ends, even in the middle of a page."""
    # who stops the service stops it, not its reader: a page in flight is read to its end, then the input ends
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    gc.set_threshold(*GARBAGE)
    most = _limit_memory()
    threading.Thread(target=_end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    for line in sys.stdin.buffer:
        asked = decode(line, Asked)
        page = sys.stdin.buffer.read(asked.length)
        if len(page) < asked.length:
            break
        _limit_time()
        try:
            answer = encode(_read(asked, page)).encode()
        except MemoryError:
            os._exit(OUT_OF_MEMORY)  # what is left of the memory is in pieces: the next page gets a new reader
        if most and _peak() > most:
            os._exit(OUT_OF_MEMORY)
        try:
            out.write(answer + b"\n")
            out.flush()
        except OSError:
            break
    os._exit(0)


def _end_with(pipe: int) -> None:
    """Wait until whoever asks is gone, which nothing else wakes: then nobody waits for the page in hand."""
    gone = select.poll()
    gone.register(pipe, 0)
    gone.poll()
    os._exit(0)


def _read(asked: Asked, page: bytes) -> Read:
    if asked.fingerprint != fingerprint():
        # read by one extractor and recorded as read by another, it would look like an edit
        return Read(problem=OUTDATED)
    try:
        if asked.look is None:
            return Read(text=standing_text(Page(page)))
        return Read(look=read_article(asked.look, page, asked.last))
    except MemoryError:
        raise
    except Exception as error:
        return Read(problem=f"{type(error).__name__}: {error}")


def _limit_memory() -> int | None:
    """Limit the address space; the peak from which a page is not believed, for a library may have swallowed a failed allocation."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        own = _peak()
        resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, own + MEMORY))
    except (OSError, ValueError):  # not every system counts or limits the address space
        return None
    return own + MEMORY * 3 // 4


def _peak() -> int:
    """The most address space this process ever had, in bytes."""
    return int(os.pread(_status(), 1 << 14, 0).partition(b"VmPeak:")[2].split(maxsplit=1)[0]) << 10


@cache
def _status() -> int:
    return os.open("/proc/self/status", os.O_RDONLY)  # kept open: it is read after every page


def _limit_time() -> None:
    """The system ends this process by SIGXCPU, in C code too, once the page has had its seconds."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + CPU, most))


if __name__ == "__main__":
    main()
