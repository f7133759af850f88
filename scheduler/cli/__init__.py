"""The command line: a thin shell; each command's work and imports live in its own module."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, NoReturn

import click

from scheduler.cli.groups import LazyGroup
from scheduler.cli.options import say, writes_utf8
from storage.errors import Damaged, UserError, ZaesurError

_COMMANDS = {
    "demo": ("scheduler.cli.demo:demo", "The whole job offline: a saved article, a crawl, edits, a report."),
    "seeds": ("scheduler.cli.seeds:seeds", "Your baselines: list, import, verify, link."),
    "watch": ("scheduler.cli.watch:watch", "What is followed: add, list, pause, remove, why."),
    "compare": ("scheduler.cli.compare:compare", "One saved copy against a page; nothing is kept."),
    "crawl": ("scheduler.cli.crawl:crawl", "Look now, at these URLs or at whatever is due."),
    "discover": ("scheduler.cli.crawl:discover", "Read feeds and sitemaps now and follow new articles."),
    "run": ("scheduler.cli.run:run", "The service: discover, revisit and compare until stopped."),
    "worker": ("scheduler.cli.worker:worker", "Fetch pages on another host, for a service elsewhere."),
    "notify": ("scheduler.cli.notify:notify", "Tell people of changes, by the rules of the configuration."),
    "config": ("scheduler.cli.config:config", "The configuration: check it, or write one to begin with."),
    "changes": ("scheduler.cli.changes:changes", "Recorded changes, most important first."),
    "show": ("scheduler.cli.show:show", "One diff, in the terminal or as an HTML file."),
    "review": ("scheduler.cli.review:review", "Editors' marks on changes: reviewed, confirmed, explained."),
    "serve": ("scheduler.cli.serve:serve", "The reports in a browser, read-only, on this machine."),
    "import": ("scheduler.cli.importing:import_", "History from elsewhere: web archives (WARC)."),
    "export": ("scheduler.cli.export:export", "The records for others: a change to prove, web archives."),
    "anchor": (
        "scheduler.cli.anchor:anchor",
        "What the chain is now, to be kept elsewhere; with a trusted time stamp.",
    ),
    "verify": ("scheduler.cli.verify:verify", "Prove that the records are whole and unaltered."),
    "reextract": ("scheduler.cli.keeping:reextract", "Read stored pages again with today's extractor, compare again."),
    "takedown": ("scheduler.cli.keeping:takedown", "Remove an article's content; its records and the reason stay."),
    "purge": ("scheduler.cli.keeping:purge", "Remove old pages that no version rests on."),
    "storage": ("scheduler.cli.storage:storage", "What takes the space, how long it is kept; make it smaller."),
    "events": ("scheduler.cli.events:events", "Gone, back, other addresses, read anew, taken down."),
    "backup": ("scheduler.cli.verify:backup", "A safe, verified copy of the database."),
    "status": ("scheduler.cli.status:status", "Health in numbers: looks, failures, gaps, what is due."),
    "doctor": ("scheduler.cli.status:doctor", "Check this machine, the settings and the database."),
}


@click.command(
    cls=LazyGroup,
    found_in=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: zaesur demo --serve",
)
@click.option("--db", metavar="PATH", help="The database (else ZAESUR_DB, else zaesur.db).")
@click.version_option(package_name="zaesur")
@click.pass_context
def cli(ctx: click.Context, db: str | None) -> None:
    """Zäsur watches news articles after publication and shows what was changed, with proof."""
    ctx.obj = db


def main() -> NoReturn:
    """Run the command line; every expected error is one line on stderr and an exit code.

    Exit codes: 0 fine, 1 failed, 2 wrong use, 3 changes found (with ``--exit-code``), 130 interrupted.
    """
    sys.exit(_run())


def _run() -> int:
    _write_anything()
    try:
        result: Any = cli.main(prog_name="zaesur", standalone_mode=False)
        sys.stdout.flush()
    except ZaesurError as error:
        say(f"zaesur: {error}")
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("zaesur: interrupted; what was recorded stays recorded", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Damaged as error:
        click.echo(f"zaesur: {error}", err=True)
        return 1
    except UnicodeEncodeError as error:
        # arguments are bytes; only names of files need not be text
        what = f"{str(error.object)[:80]!r} is no text (bytes that are not UTF-8)"
        click.echo(f"zaesur: {what}; nothing was recorded by this step", err=True)
        return UserError.exit_code
    except BrokenPipeError:
        # the reader of our pipe has gone (head, less): not an error, but Python would complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # the disk or a file, wherever it was touched
        click.echo(
            f"zaesur: {error.filename or 'a file'}: {error.strerror or error}; what was recorded stays recorded",
            err=True,
        )
        return 1
    return result if isinstance(result, int) else 0


def _write_anything() -> None:
    """No output ends in an error over a character: names of files as they are, and what an old terminal cannot write as its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape" if writes_utf8(stream) else "backslashreplace")
