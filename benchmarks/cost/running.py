"""Tools under test as processes of their own: one JSON list of URLs a line in, one line of figures out."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Tool = Callable[[list[str]], dict[str, Any]]


@contextmanager
def started(command: list[str], base: str) -> Iterator[Tool]:
    """A tool, ready to look at pages of the site at ``base``; ended when the block ends."""
    # next to nothing: a host asked without any delay is one of our own, whose robots.txt is asked for with every poll
    environment = {**os.environ, "ZAESUR_ALLOW_HOSTS": base.removeprefix("http://"), "ZAESUR_DELAY": "0.000001"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:

        def ask(urls: list[str]) -> dict[str, Any]:
            assert child.stdin
            assert child.stdout
            child.stdin.write(json.dumps(urls) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
            if not line:
                raise SystemExit(f"{' '.join(command[-2:-1])} ended early")
            return dict(json.loads(line))

        yield ask
        assert child.stdin
        child.stdin.close()
