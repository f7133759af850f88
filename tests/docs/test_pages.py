"""The pages under docs/ promise only what is there: commands, options, test files, links."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import click
import pytest

from scheduler.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
pages = pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])


@pages
def test_every_command_and_option_exists(page: Path) -> None:
    for line in re.findall(r"(?:^|`)zaesur ([^`\n]+)", page.read_text(encoding="utf-8"), re.MULTILINE):
        command, words = _command(line.split())
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def _command(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that these words name, and the words behind its name."""
    found: click.Command = cli
    while isinstance(found, click.Group):
        name, *words = words
        inner = found.get_command(click.Context(found), name)
        assert inner is not None, name
        found = inner
    return found, words


@pages
def test_every_test_suite_and_link_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path in re.findall(r"`(tests/[\w/.]+)`", text):
        assert (ROOT / path).exists(), path
    for module in re.findall(r"`python -m ([\w.]+)", text):
        assert importlib.util.find_spec(module), module
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (page.parent / target).exists(), target
