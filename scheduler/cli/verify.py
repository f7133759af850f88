"""``zaesur verify`` and ``zaesur backup``: proof, and a safe copy."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import database, say

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command(epilog="Example: zaesur verify --anchor kept-elsewhere/anchor.json")
@click.option(
    "--anchor", "anchors", multiple=True, metavar="FILE", type=_FILE, help="Check against an anchor kept elsewhere."
)
@click.option("--authority", metavar="PEM", type=_FILE, help="Certificates that the anchors' time stamps must lead to.")
@database
def verify(anchors: tuple[Path, ...], authority: Path | None, db: Path) -> int:
    """Prove the records: hash chain, digests, every text extracted again, every diff computed again.

    An anchor that was kept elsewhere also shows whether the end of the chain was cut off.
    """
    from scheduler.anchoring import proved
    from scheduler.proving import prove
    from storage import Store

    with Store.open(db, write=False) as store:
        facts, problems = proved(store, anchors, authority)
        proof = prove(store)
    for fact in facts:
        say(fact)
    for problem in problems:
        say(f"zaesur: {problem}")
    for line in proof.removed:
        say(f"Taken down: {line}")
    for line in proof.unread:
        say(f"Not read again, so not compared: {line}")
    for problem in proof.problems:
        say(f"zaesur: {problem}")
    verdict = "FAIL" if proof.problems or problems else "PASS"
    click.echo(
        f"{verdict}: {proof.captures} captures in the chain, {proof.versions} texts extracted again, "
        f"{proof.changes} diffs computed again, {len(proof.problems) + len(problems)} problems"
    )
    return 0 if verdict == "PASS" else 1


@click.command(epilog="Example: zaesur backup /safe/zaesur-2026-11-23.db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database
def backup(file: Path, db: Path) -> None:
    """Copy the database to FILE while it is in use, and verify the copy."""
    from storage import Store

    with Store.open(db, write=False) as store:
        store.backup(file)
    click.echo(f"Backed up to {file} and verified.")
