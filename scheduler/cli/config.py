"""``zaesur config``: the configuration file."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import click

from scheduler.cli.options import configured, database, say
from storage.errors import UserError


@click.group(epilog="Example: zaesur config init && zaesur config check")
def config() -> None:
    """The configuration: what is read, how politely, and who is told of what."""


@config.command(epilog="Example: zaesur config check --config /etc/zaesur.toml")
@database
@configured
def check(db: Path, config: Path | None) -> int:
    """Check the configuration and say what it asks for; a mistake is named by its key."""
    from scheduler.configuration import find, load

    path = find(db, config)
    if path is None:
        say("There is no configuration; the defaults hold. Write one with: zaesur config init")
        return 0
    read = load(path)
    for name, outlet in read.outlets.items():
        delay = f"{outlet.delay:g} s apart" if outlet.delay is not None else "politely apart"
        budget = f", {outlet.budget} requests a day" if outlet.budget else ""
        click.echo(f"{name}: {delay}{budget}")
        for language, sources in outlet.languages.items():
            click.echo(f"  {language}: {', '.join(f'{kind} {url}' for kind, url in sources.named()) or 'no source'}")
    for name, channel in read.notify.channels.items():
        # never the address: it may hold a password
        click.echo(f"channel {name}: {'webhook' if channel.webhook else 'Apprise'}, in {channel.language}")
    for number, rule in enumerate(read.notify.rules, 1):
        click.echo(f"rule {rule.name or number}: {rule.weight} or more, to {', '.join(rule.channels)}")
    say(f"{path} is in order.")
    return 0


@config.command(epilog="Example: zaesur config init --languages de,en")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--languages", default="de,en", show_default=True, help="DW's languages to read, or: all.")
@database
def init(file: Path | None, languages: str, db: Path) -> int:
    """Write a commented configuration to begin with, to FILE or beside the database; an existing one is left alone."""
    from scheduler.configuration import NAME

    path = file or db.parent / NAME
    text = (resources.files("scheduler") / "default.toml").read_text(encoding="utf-8")
    known = re.findall(r"^\[outlets\.dw\.languages\.([\w-]+)\]", text, re.MULTILINE)
    wanted = known if languages == "all" else [name.strip() for name in languages.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            raise UserError(f"DW has no language {name!r} here; known are: {', '.join(known)}. Nothing was written")
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write("\n\n".join(_chosen(block, wanted) for block in text.split("\n\n")))
    except FileExistsError:
        raise UserError(f"{path} exists already; it was left as it is. Name another FILE, or edit it") from None
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); nothing was written") from None
    say(f"Wrote {path}, reading {', '.join(wanted)}. Change it, then: zaesur config check")
    return 0


def _chosen(block: str, wanted: list[str]) -> str:
    """A language's lines as they are when it is wanted, else as comments."""
    language = re.match(r"\[outlets\.dw\.languages\.([\w-]+)\]", block)
    if language is None or language[1] in wanted:
        return block
    return "\n".join(f"# {line}" for line in block.splitlines())
