"""``zaesur verify`` and ``zaesur backup``: proof, and a safe copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.cli.options import database, say

if TYPE_CHECKING:
    from storage.passed import Passed

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command(epilog="Example: zaesur verify --anchor kept-elsewhere/anchor.json")
@click.option(
    "--anchor", "anchors", multiple=True, metavar="FILE", type=_FILE, help="Check against an anchor kept elsewhere."
)
@click.option("--authority", metavar="PEM", type=_FILE, help="Certificates that the anchors' time stamps must lead to.")
@click.option(
    "--new",
    "new",
    is_flag=True,
    help="Only what was recorded since the last verification passed, and a share of the rest.",
)
@click.option(
    "--minutes",
    metavar="N",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="How long for that share.",
)
@database
def verify(anchors: tuple[Path, ...], authority: Path | None, minutes: float, db: Path, *, new: bool) -> int:
    """Prove the records: hash chain, digests, every text extracted again, every diff computed again.

    An anchor that was kept elsewhere also shows whether the end of the chain was cut off. --new is for every day: it proves as much
    of what is new, and of the rest only that it is what passed before, row by row in turn.
    """
    from scheduler.anchoring import proved
    from scheduler.proving import prove, prove_since
    from storage import Store
    from storage.passed import read_passed, write_passed

    last = read_passed(db) if new else None
    if new and last is None:
        say("No verification has passed here yet, so all is verified.")
    with Store.open(db, write=False) as store:
        facts, problems = proved(store, anchors, authority, short=last is not None)
        proof = prove_since(store, last, minutes * 60) if last else prove(store)
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
    since = f" since {last.at[:16]}Z" if last else ""
    click.echo(
        f"{verdict}: {proof.captures} captures in the chain{since}, {proof.versions} texts extracted again, "
        f"{proof.changes} diffs computed again, {len(proof.problems) + len(problems)} problems"
    )
    if verdict == "FAIL":
        return 1
    if last and proof.passed:
        click.echo(_older(last, proof.passed))
    if proof.passed is None or not write_passed(db, proof.passed):
        say("This could not be noted beside the database; the next verify --new goes on from an earlier one.")
    return 0


def _older(last: Passed, passed: Passed) -> str:
    """What was seen of the records that passed before."""
    walked = passed.walked or last.seal
    return (
        f"Of {last.seal} older seals, {walked - last.walked} were compared with their rows now; each since {passed.before[:16]}Z. "
        f"All was proved last on {last.whole[:16]}Z: zaesur verify"
    )


@click.command(epilog="Example: zaesur backup /safe/zaesur-2026-11-23.db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database
def backup(file: Path, db: Path) -> None:
    """Copy the database to FILE while it is in use, and verify the copy."""
    from storage import Store

    with Store.open(db, write=False) as store:
        store.backup(file)
    click.echo(f"Backed up to {file} and verified.")
