"""What the commands share: where the database is, how rows are printed, how URLs come in."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from storage.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_DATABASE = "zaesur.db"
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def database(command: Command) -> Command:
    """Add ``--db`` to a command, so that it may stand before or after the command's name; passes ``db: Path``."""
    option = click.option("--db", "db", metavar="PATH", callback=_path, help="The database (else ZAESUR_DB).")
    return option(command)


def _path(ctx: click.Context, param: click.Parameter, value: str | None) -> Path:
    return Path(value or ctx.find_root().obj or os.environ.get("ZAESUR_DB") or DEFAULT_DATABASE)


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Read an option such as ``--since``: an age (``12h``), a date or an instant (UTC unless it says otherwise)."""
    if value is None:
        return None
    number, unit = value[:-1], value[-1:]
    try:
        if number.isdigit() and unit in _UNITS:
            return datetime.now(UTC) - timedelta(**{_UNITS[unit]: int(number)})
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise click.UsageError(
            f"{param.opts[0]} {value!r} is neither a date (2025-02-24) nor an age (12h, 7d, 2w)"
        ) from None


since = click.option(
    "--since", metavar="WHEN", callback=moment, help="A date, an instant, or an age such as 12h, 7d, 2w."
)


def configured(command: Command) -> Command:
    """Add ``--config`` to a command, after ``--db``; passes ``config: Path | None``, the file to use, if any."""
    option = click.option(
        "--config",
        "config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The configuration (else ZAESUR_CONFIG, else zaesur.toml beside the database).",
    )
    return option(command)


postgres = click.option(
    "--postgres", metavar="DSN", envvar="ZAESUR_POSTGRES", help="Hand polls out to workers on other hosts through it."
)
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
keep_all = click.option(
    "--keep-all",
    is_flag=True,
    envvar="ZAESUR_KEEP_ALL",
    help="Keep the page as served of every look, unchanged ones too.",
)
exit_code = click.option("--exit-code", is_flag=True, help="Exit with 3 when there are changes.")
language = click.option(
    "--lang",
    type=click.Choice(["en", "de"]),
    envvar="ZAESUR_LANG",
    default="en",
    show_default=True,
    help="Language of the report.",
)
url_file = click.option("-f", "--file", "file", type=click.File("r", encoding="utf-8-sig"), help="URLs, one per line.")
number = click.IntRange(min=1, max=2**63 - 1)  # what SQLite can look for


def urls_from(urls: Iterable[str], file: IO[str] | None) -> list[str]:
    """The URLs of the arguments and of ``-f``, in order, without blanks, comments and repetitions."""
    try:
        lines = [*urls, *(file or ())]
    except UnicodeDecodeError:
        raise UserError(f"{file and file.name} is not UTF-8 text; nothing was done. Save it as UTF-8") from None
    return list(dict.fromkeys(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")))


def emit(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows as JSON lines; where the output is not UTF-8, in ASCII."""
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=not writes_utf8(sys.stdout)))


def writes_utf8(stream: Any) -> bool:
    """Whether a stream can write every character."""
    return codecs.lookup(stream.encoding or "utf-8").name == "utf-8"


def console(*, stderr: bool = False) -> Console:
    """A rich console: no colour when piped or with ``NO_COLOR``, never guesses widths in pipes."""
    from rich.console import Console  # what prints JSON or a line does not wait for it

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, soft_wrap=not stream.isatty(), highlight=False, emoji=False, markup=False)


def drawn() -> bool:
    """Whether somebody looks at a terminal, or wants colour all the same; a pipe gets plain lines."""
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def say(text: str) -> None:
    """Talk to the person, on stderr, leaving stdout to the data; what servers said is text, and moves no cursor."""
    from reports.views import shown  # most commands have nothing to say

    click.echo(shown(text), err=True)


def distributed() -> Any:
    """What hands polls out to other hosts; an optional part of the installation."""
    try:
        from scheduler import distributed as module
    except ImportError as error:
        raise UserError(
            f"{error.name} is not installed; install it in the checkout with: pip install '.[postgres]'"
        ) from None
    return module
