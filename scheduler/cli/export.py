"""``zaesur export``: the records in forms that others can use; each form's command lives in its own module."""

from __future__ import annotations

import click

from scheduler.cli.groups import LazyGroup

_FORMS = {
    "site": ("scheduler.cli.exportsite:site", "The report pages as a folder of files."),
    "dataset": ("scheduler.cli.exportdataset:dataset", "Tables for research: CSV, JSON lines, a data dictionary."),
    "evidence": ("scheduler.cli.exportevidence:evidence", "One change as a bundle that anyone can check."),
    "warc": ("scheduler.cli.exportwarc:warc", "The looks as WARC 1.1, the format of web archives."),
}


@click.group(cls=LazyGroup, found_in=_FORMS, epilog="Example: zaesur export warc looks.warc.gz")
def export() -> None:
    """Give the records to others; nothing in the database is changed."""
