"""``zaesur verify`` and ``zaesur backup``: proof, and a safe copy."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import database, say


@click.command(epilog="Example: zaesur verify")
@database
def verify(db: Path) -> int:
    """Prove the records: hash chain, digests, every text extracted again, every diff computed again."""
    from scheduler.proving import prove
    from storage import Store

    with Store.open(db, write=False) as store:
        proof = prove(store)
    for problem in proof.problems:
        say(f"zaesur: {problem}")
    verdict = "FAIL" if proof.problems else "PASS"
    click.echo(
        f"{verdict}: {proof.captures} captures in the chain, {proof.versions} texts extracted again, "
        f"{proof.changes} diffs computed again, {len(proof.problems)} problems"
    )
    return 1 if proof.problems else 0


@click.command(epilog="Example: zaesur backup /safe/zaesur-2026-11-23.db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database
def backup(file: Path, db: Path) -> None:
    """Copy the database to FILE while it is in use, and verify the copy."""
    from storage import Store

    with Store.open(db, write=False) as store:
        store.backup(file)
    click.echo(f"Backed up to {file} and verified.")
