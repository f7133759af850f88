"""Why a rule fired, in words, in German and English. Observations only, never motives."""

from __future__ import annotations

from reports import wording
from storage.types import Assessment, Edit, Finding, Kind

_HOW = {
    "changed": ("{what} differs: “{old}” became “{new}”", "{what} ist anders: aus „{old}“ wurde „{new}“"),
    "added": ("{what} was added: “{new}”", "{what} kam hinzu: „{new}“"),
    "dropped": ("{what} was removed: “{old}”", "{what} fiel weg: „{old}“"),
}
_WHAT = {
    Kind.NUMBER: ("a number", "eine Zahl"),
    Kind.AMOUNT: ("an amount", "ein Betrag"),
    Kind.PERCENTAGE: ("a percentage", "eine Prozentangabe"),
    Kind.DATE: ("a date", "ein Datum"),
    Kind.TIME: ("a time of day", "eine Uhrzeit"),
    Kind.NAME: ("a name", "ein Name"),
    Kind.PLACE: ("a place", "ein Ort"),
    Kind.NEGATION: ("a negation", "eine Verneinung"),
    Kind.HEDGING: ("a word that qualifies the statement", "ein Wort, das die Aussage einschränkt,"),
    Kind.ATTRIBUTION: ("a word of saying", "ein Wort des Sagens"),
    Kind.SOURCE: ("a named source", "eine genannte Quelle"),
}
_WHOLE = {
    "count_higher": ("the number of the same thing is higher: “{old}” became “{new}”", "die Zahl für dieselbe Sache ist höher: aus „{old}“ wurde „{new}“"),
    "count_lower": ("the number of the same thing is lower: “{old}” became “{new}”", "die Zahl für dieselbe Sache ist niedriger: aus „{old}“ wurde „{new}“"),
    "inside_quotation": ("the change stands inside quotation marks: “{old}” became “{new}”", "die Änderung steht zwischen Anführungszeichen: aus „{old}“ wurde „{new}“"),
    "quotation_changed": ("words in quotation marks differ", "Wörter in Anführungszeichen sind anders"),
    "quotation_added": ("words in quotation marks were added: {new}", "Wörter in Anführungszeichen kamen hinzu: {new}"),
    "quotation_dropped": ("words in quotation marks were removed: {old}", "Wörter in Anführungszeichen fielen weg: {old}"),
    "typography": ("only quotes, dashes, spaces or other signs differ", "nur Anführungszeichen, Striche, Leerzeichen oder andere Zeichen sind anders"),
    "spelling": ("one word with nearly the same letters: “{old}” became “{new}”", "ein Wort mit fast denselben Buchstaben: aus „{old}“ wurde „{new}“"),
    "punctuation": ("only punctuation differs", "nur die Zeichensetzung ist anders"),
    "doubled": ("words that stood twice in a row stand once: “{old}”", "Wörter, die doppelt hintereinander standen, stehen einmal: „{old}“"),
    "stands_elsewhere": ("it stands elsewhere in the paragraph: “{old}”", "es steht an anderer Stelle des Absatzes: „{old}“"),
    "wording": ("other words, and no rule saw a fact in them", "andere Wörter, und keine Regel sah darin eine Tatsache"),
    "same_value": ("the same value, written otherwise: “{old}” and “{new}”", "derselbe Wert, anders geschrieben: „{old}“ und „{new}“"),
    "passage_rewritten": ("a long passage was rewritten; its facts are not told one by one", "eine lange Passage wurde neu geschrieben; ihre Angaben werden nicht einzeln genannt"),
    "sentence_added": ("a whole sentence was added", "ein ganzer Satz kam hinzu"),
    "sentence_dropped": ("a whole sentence was removed", "ein ganzer Satz fiel weg"),
    "sentence_moved": ("a sentence stands elsewhere", "ein Satz steht an anderer Stelle"),
    "paragraph_added": ("a whole paragraph was added", "ein ganzer Absatz kam hinzu"),
    "paragraph_dropped": ("a whole paragraph was removed", "ein ganzer Absatz fiel weg"),
    "paragraph_moved": ("a paragraph stands elsewhere", "ein Absatz steht an anderer Stelle"),
    "paragraph_split": ("one paragraph became several", "aus einem Absatz wurden mehrere"),
    "paragraph_merge": ("several paragraphs became one", "aus mehreren Absätzen wurde einer"),
    "heading_added": ("a heading was added", "eine Zwischenüberschrift kam hinzu"),
    "heading_dropped": ("a heading was removed", "eine Zwischenüberschrift fiel weg"),
    "field_added": ("it was empty before", "zuvor stand dort nichts"),
    "field_dropped": ("it is empty now", "jetzt steht dort nichts"),
    "field_changed": ("its words differ", "der Wortlaut ist anders"),
    "reframed": ("its words differ, and it is what most people read", "der Wortlaut ist anders, und ihn lesen die meisten"),
    "correction_note_added": ("a text was added that reads as a correction note", "ein Text kam hinzu, der sich als Korrekturhinweis liest"),
    "correction_note_changed": ("the text of a correction note differs", "der Text eines Korrekturhinweises ist anders"),
    "update_note_added": ("a text was added that reads as an update note", "ein Text kam hinzu, der sich als Aktualisierungshinweis liest"),
    "update_note_changed": ("the text of an update note differs", "der Text eines Aktualisierungshinweises ist anders"),
    "note_removed": ("a text that reads as a note is gone", "ein Text, der sich als Hinweis liest, ist weg"),
    "credit_added": ("a line beneath the text was added that reads as neither correction nor update", "unter dem Text kam eine Zeile hinzu, die sich weder als Korrektur noch als Aktualisierung liest"),
    "credit_changed": ("a line beneath the text differs", "eine Zeile unter dem Text ist anders"),
    "credit_dropped": ("a line beneath the text is gone", "eine Zeile unter dem Text ist weg"),
}  # fmt: skip
_LONGEST = 60  # characters of the words shown


def reason(finding: Finding, language: str) -> str:
    """Why a finding was made, with the words that made it; "" for changes recorded before there were reasons."""
    at = 1 if language == "de" else 0
    what, how = _WHAT.get(finding.kind), _HOW.get(finding.reason.rpartition("_")[2])
    whole = _WHOLE.get(finding.reason)
    template = whole[at] if whole else how[at] if how and what else ""
    name = what[at] if what else ""
    return template.format(what=name, old=_short(finding.old), new=_short(finding.new))


def reasons(edit: Edit, language: str) -> list[str]:
    """Every reason of an edit, the heaviest finding first, each told once: "number: the number of the same thing is higher ..."."""
    told = ((wording.kind(finding.kind, language), reason(finding, language)) for finding in edit.findings)
    return list(dict.fromkeys(f"{kind}: {why}" for kind, why in told if why))


def disclosure(assessment: Assessment, language: str) -> str:
    """Why the disclosure is what it is, and how many substantive edits no note mentions; "" where nothing differs."""
    if not assessment.diff.changed:
        return ""
    said, left = wording.name("reason", assessment.reason, language), len(assessment.unaccounted)
    return f"{said} ({wording.count('not_mentioned', left, language)})" if left and assessment.note else said


def keys() -> frozenset[str]:
    """Every reason there are words for."""
    return frozenset(_WHOLE) | {f"{kind.value}_{how}" for kind in _WHAT for how in _HOW}


def _short(text: str) -> str:
    """Words to quote: one line, and not too many."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST].rpartition(' ')[0] or line[:_LONGEST]} …"
