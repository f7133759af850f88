"""The README promises only what is there."""

from __future__ import annotations

import re
from pathlib import Path

import click

from scheduler.cli import _COMMANDS, cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_the_readme_names_exists_and_every_command_is_named() -> None:
    named = set(re.findall(r"zaesur ([a-z]+)", README))
    assert named <= set(_COMMANDS)
    assert set(_COMMANDS) - named <= {"demo", "discover"}, "commands without a word in the README"


def test_every_option_the_readme_names_exists() -> None:
    context = click.Context(cli)
    options = set(re.findall(r"(--[a-z][a-z-]*)", README))
    known = {name for command in _all(cli, context) for parameter in command.params for name in parameter.opts}
    assert options <= known | {"--json"}


def test_every_example_in_a_help_text_names_a_real_command() -> None:
    context = click.Context(cli)
    for command in _all(cli, context):
        if not isinstance(command, click.Group):
            assert command.epilog, command.name
            assert command.epilog.startswith("Example: zaesur "), command.name


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def _all(command: click.Command, context: click.Context) -> list[click.Command]:
    if not isinstance(command, click.Group):
        return [command]
    subcommands = [command.get_command(context, name) for name in command.list_commands(context)]
    return [command, *(found for sub in subcommands if sub for found in _all(sub, context))]
