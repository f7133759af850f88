"""Single edits of every kind in German and English sentences of our own: is the kind right, is the weight safe?"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from reports.diff import assess
from storage.types import Block, BlockKind, Content, Kind, Weight

FACTS = (
    Kind.NUMBER,
    Kind.AMOUNT,
    Kind.PERCENTAGE,
    Kind.DATE,
    Kind.TIME,
    Kind.NAME,
    Kind.PLACE,
    Kind.QUOTATION,
    Kind.NEGATION,
)


@dataclass(frozen=True)
class Mutation:
    """A sentence before and after, and what the difference is about."""

    kind: Kind
    old: str
    new: str


_FRAMES = {
    "de": {
        Kind.NUMBER: "Bei dem Unglück am Hafen wurden {} Menschen verletzt, wie die Feuerwehr mitteilte.",
        Kind.AMOUNT: "Die Stadt will für den Umbau der Brücke {} Millionen Euro ausgeben.",
        Kind.PERCENTAGE: "Nach der Zählung stimmten {} Prozent der Bürger für den Entwurf.",
        Kind.DATE: "Die Abgeordneten beraten am {} über das neue Gesetz zur Schifffahrt.",
        Kind.TIME: "Der Zug fuhr um {} Uhr aus dem alten Bahnhof in Richtung Küste.",
        Kind.NAME: "Die Laudatio im Rathaus hielt {} vor mehr als tausend Gästen.",
        Kind.PLACE: "Die Delegation reiste nach dem Treffen weiter nach {} und blieb dort.",
        Kind.HEDGING: "Der Verdächtige hat {} mehrere Akten aus dem Archiv entwendet.",
        Kind.NEGATION: "Die Regierung will die Steuer auf Fahrräder {} erhöhen.",
        Kind.QUOTATION: "„Wir haben {} und werden das offen sagen“, erklärte die Sprecherin.",
        Kind.WORDING: "Viele Anwohner fanden den Plan {} und kamen zur Sitzung.",
        Kind.SPELLING: "Die Behörde will die {} im Sommer noch einmal prüfen lassen.",
        Kind.TYPOGRAPHY: "Der Rat sprach von einem {} und vertagte die Entscheidung.",
    },
    "en": {
        Kind.NUMBER: "The accident at the harbor left {} people injured, the fire service reported.",
        Kind.AMOUNT: "The city plans to spend {} million euros on the new bridge.",
        Kind.PERCENTAGE: "In the final count {} percent of citizens voted for the draft.",
        Kind.DATE: "Lawmakers will debate the new shipping law on {} in the capital.",
        Kind.TIME: "The train left the old station at {} a.m. and headed for the coast.",
        Kind.NAME: "The speech in the town hall was given by {} before many guests.",
        Kind.PLACE: "After the meeting the delegation travelled on to {} and stayed there.",
        Kind.HEDGING: "The man {} took several files from the archive that evening.",
        Kind.NEGATION: "The government does {} want to raise the tax on bicycles.",
        Kind.QUOTATION: "“We have {} and we will say so openly,” the spokeswoman added.",
        Kind.WORDING: "Many residents found the plan {} and came to the session.",
        Kind.SPELLING: "The agency wants to check the {} once more this summer.",
        Kind.TYPOGRAPHY: "The council spoke of a {} and put off the decision.",
    },
}
_FILLS: dict[str, dict[Kind, list[str]]] = {
    "de": {
        Kind.DATE: ["Montag", "Dienstag", "Mittwoch", "Freitag", "3. Mai", "12. Juni", "24. August", "1. Dezember"],
        Kind.TIME: ["8.30", "9.15", "17.45", "20", "23", "6"],
        Kind.NAME: [
            "Anna Wiegand",
            "Karsten Oltmanns",
            "Ines Brodersen",
            "Piotr Malinka",
            "Selma Aydin",
            "Jonas Reuter",
        ],
        Kind.PLACE: ["Paris", "Rom", "Polen", "Kanada", "Madrid", "Athen", "Kenia", "Lissabon", "Warschau", "Peru"],
        Kind.HEDGING: ["angeblich", "mutmaßlich", "offenbar", "vermutlich", "womöglich"],
        Kind.NEGATION: ["nicht", "nie", "niemals"],
        Kind.QUOTATION: ["gezögert", "gewartet", "versagt", "gelernt", "gefragt", "zugehört"],
        Kind.WORDING: ["gelungen", "seltsam", "mutig", "vernünftig", "unklar", "teuer", "mager"],
        Kind.SPELLING: ["Wasserleitung", "Eisenbahnstrecke", "Sicherheitslage", "Bürgerbefragung", "Lieferketten"],
        Kind.TYPOGRAPHY: ["Kompromiss", "Neuanfang", "Rückschritt", "Erfolg", "Versuch"],
    },
    "en": {
        Kind.DATE: ["Monday", "Tuesday", "Wednesday", "Friday", "May 3", "June 12", "August 24", "December 1"],
        Kind.TIME: ["8:30", "9:15", "7:45", "10:20", "11", "6"],
        Kind.NAME: ["Anna Wiegand", "Carl Oldham", "Ines Broderick", "Peter Malin", "Selma Aydin", "Jonas Reuter"],
        Kind.PLACE: ["Paris", "Rome", "Poland", "Canada", "Madrid", "Athens", "Kenya", "Lisbon", "Warsaw", "Peru"],
        Kind.HEDGING: ["allegedly", "reportedly", "apparently", "presumably", "possibly"],
        Kind.NEGATION: ["not", "never"],
        Kind.QUOTATION: ["waited", "failed", "learned", "listened", "doubted", "hoped"],
        Kind.WORDING: ["sensible", "strange", "bold", "reasonable", "unclear", "costly", "thin"],
        Kind.SPELLING: ["waterworks", "railway", "pipeline", "settlement", "warehouse"],
        Kind.TYPOGRAPHY: ["compromise", "breakthrough", "setback", "success", "failure"],
    },
}


def mutations(language: str, kind: Kind, count: int) -> list[Mutation]:
    """Seeded pairs of one kind."""
    rng = random.Random(f"{language}/{kind}")
    frame = _FRAMES[language][kind]
    return [
        Mutation(kind, *(frame.format(fill).replace("  ", " ") for fill in _fills(language, kind, rng)))
        for _ in range(count)
    ]


def _fills(language: str, kind: Kind, rng: random.Random) -> tuple[str, str]:
    if kind in (Kind.NUMBER, Kind.AMOUNT, Kind.PERCENTAGE):
        first, second = rng.sample(range(2, 400), 2)
        return str(first), str(second)
    words = _FILLS[language][kind]
    if kind in (Kind.HEDGING, Kind.NEGATION):
        pair = (rng.choice(words), "")
        return pair if rng.random() < 0.5 else pair[::-1]
    if kind is Kind.SPELLING:
        word = rng.choice(words)
        cut = rng.randrange(1, len(word) - 2)
        swapped = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
        return (swapped if swapped != word else word + word[-1]), word
    if kind is Kind.TYPOGRAPHY:
        word = rng.choice(words)
        old, new = rng.sample([f"„{word}“", f'"{word}"', f"«{word}»", f"“{word}”"], 2)
        return old, new
    if kind is Kind.NAME and rng.random() < 0.5:
        given = rng.choice(words).split()[0]
        old, new = rng.sample([name.split()[1] for name in words], 2)
        return f"{given} {old}", f"{given} {new}"
    old, new = rng.sample(words, 2)
    return old, new


def judged(mutation: Mutation, language: str) -> tuple[Kind | None, Weight | None]:
    """What the assessment says about one pair."""
    old, new = (
        Content(headline="-", language=language, blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),))
        for text in (mutation.old, mutation.new)
    )
    edits = [edit for edit in assess(old, new).diff.edits if edit.findings]
    return (edits[0].kind, edits[0].weight) if edits else (None, None)


def table(count: int = 100) -> dict[tuple[str, Kind], tuple[float, int, Counter[str]]]:
    """For each language and kind: share right, unsafe weights, and what wrong ones were called."""
    found = {}
    for language, frames in _FRAMES.items():
        for kind in frames:
            right, unsafe, wrong = 0, 0, Counter[str]()
            for mutation in mutations(language, kind, count):
                seen, weight = judged(mutation, language)
                right += seen is kind
                unsafe += kind in FACTS and weight is not Weight.SUBSTANTIVE
                unsafe += kind is Kind.TYPOGRAPHY and weight is not Weight.COSMETIC
                if seen is not kind:
                    wrong[str(seen)] += 1
            found[language, kind] = (right / count, unsafe, wrong)
    return found
