"""Groups of commands that are imported only when used, so that help and completion answer at once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are named by place (``module:name``) and described without importing them."""

    def __init__(self, *args: Any, found_in: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._found_in = found_in

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order they are given."""
        return list(self._found_in)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in self._found_in:
            return None
        module, _, name = self._found_in[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The names and their one-line descriptions."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._found_in.items()])
