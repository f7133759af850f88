"""What reports say, in German and English. Observations only, never motives."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from storage.types import Disclosure, EditOp, Field, Kind, Weight

LANGUAGES = ("en", "de")
_BERLIN = ZoneInfo("Europe/Berlin")

_KINDS: dict[Kind, tuple[str, str, str, str]] = {
    Kind.TYPOGRAPHY: ("typographic detail", "typographic details", "typografisches Detail", "typografische Details"),
    Kind.SPELLING: ("spelling", "spellings", "Schreibung", "Schreibungen"),
    Kind.WORDING: ("wording", "wordings", "Formulierung", "Formulierungen"),
    Kind.MOVED: ("passage moved", "passages moved", "Passage verschoben", "Passagen verschoben"),
    Kind.STRUCTURE: ("division of the text", "divisions of the text", "Gliederung", "Gliederungen"),
    Kind.NUMBER: ("number", "numbers", "Zahl", "Zahlen"),
    Kind.AMOUNT: ("amount", "amounts", "Betrag", "Beträge"),
    Kind.PERCENTAGE: ("percentage", "percentages", "Prozentangabe", "Prozentangaben"),
    Kind.DATE: ("date", "dates", "Datum", "Daten"),
    Kind.TIME: ("time", "times", "Uhrzeit", "Uhrzeiten"),
    Kind.NAME: ("name", "names", "Name", "Namen"),
    Kind.PLACE: ("place", "places", "Ort", "Orte"),
    Kind.QUOTATION: ("quotation", "quotations", "Zitat", "Zitate"),
    Kind.ATTRIBUTION: ("attribution", "attributions", "Quellenangabe", "Quellenangaben"),
    Kind.HEDGING: ("qualification", "qualifications", "Einschränkung", "Einschränkungen"),
    Kind.NEGATION: ("negation", "negations", "Verneinung", "Verneinungen"),
    Kind.HEADLINE: ("headline", "headlines", "Überschrift", "Überschriften"),
    Kind.KICKER: ("kicker", "kickers", "Dachzeile", "Dachzeilen"),
    Kind.TEASER: ("teaser", "teasers", "Teaser", "Teaser"),
    Kind.BYLINE: ("byline", "bylines", "Autorenzeile", "Autorenzeilen"),
    Kind.CAPTION: ("caption", "captions", "Bildtext", "Bildtexte"),
    Kind.IMAGE: ("picture", "pictures", "Bild", "Bilder"),
    Kind.LINK: ("link", "links", "Link", "Links"),
    Kind.SOURCE: ("source", "sources", "Quelle", "Quellen"),
    Kind.PARAGRAPH_ADDED: ("paragraph added", "paragraphs added", "Absatz hinzugefügt", "Absätze hinzugefügt"),
    Kind.PARAGRAPH_DROPPED: ("paragraph removed", "paragraphs removed", "Absatz entfernt", "Absätze entfernt"),
    Kind.SENTENCE_ADDED: ("sentence added", "sentences added", "Satz hinzugefügt", "Sätze hinzugefügt"),
    Kind.SENTENCE_DROPPED: ("sentence removed", "sentences removed", "Satz entfernt", "Sätze entfernt"),
    Kind.CORRECTION_NOTE: ("correction note", "correction notes", "Korrekturhinweis", "Korrekturhinweise"),
    Kind.UPDATE_NOTE: ("update note", "update notes", "Aktualisierungshinweis", "Aktualisierungshinweise"),
    Kind.NOTE_REMOVED: ("note removed", "notes removed", "Hinweis entfernt", "Hinweise entfernt"),
    Kind.CREDIT_NOTE: ("credit line", "credit lines", "Mitarbeiterhinweis", "Mitarbeiterhinweise"),
    Kind.REVERT: ("return to an earlier text", "returns to an earlier text", "Rückkehr zu früherem Text", "Rückkehren zu früherem Text"),
}  # fmt: skip
_WEIGHTS = {
    Weight.COSMETIC: ("cosmetic", "kosmetisch"),
    Weight.EDITORIAL: ("editorial", "redaktionell"),
    Weight.SUBSTANTIVE: ("substantive", "inhaltlich"),
}
_DISCLOSURES = {
    Disclosure.NOTED: ("a note was found", "ein Hinweis wurde gefunden"),
    Disclosure.SILENT: ("no note found", "kein Hinweis gefunden"),
    Disclosure.NOT_NEEDED: ("no note needed", "kein Hinweis nötig"),
}
_OPS = {
    EditOp.KEEP: ("unchanged", "unverändert"),
    EditOp.EDIT: ("edited", "geändert"),
    EditOp.MOVE: ("moved", "verschoben"),
    EditOp.ADD: ("added", "hinzugefügt"),
    EditOp.DROP: ("removed", "entfernt"),
    EditOp.SPLIT: ("split", "geteilt"),
    EditOp.MERGE: ("merged", "zusammengelegt"),
}
_FIELDS = {
    Field.HEADLINE: ("Headline", "Überschrift"),
    Field.KICKER: ("Kicker", "Dachzeile"),
    Field.TEASER: ("Teaser", "Teaser"),
    Field.BYLINE: ("Byline", "Autorenzeile"),
    Field.BODY: ("Text", "Text"),
    Field.CAPTION: ("Caption", "Bildtext"),
    Field.NOTE: ("Note", "Hinweis"),
}
_TEXTS = {
    "no_differences": ("No differences.", "Keine Unterschiede."),
    "changed": ("changed", "geändert"),
    "added": ("added", "hinzugefügt"),
    "removed": ("removed", "entfernt"),
    "unchanged": ("unchanged", "unverändert"),
    "paragraph": ("paragraph", "Absatz"),
    "paragraphs": ("paragraphs", "Absätze"),
    "against_seed": ("against the saved copy", "gegenüber der gespeicherten Fassung"),
    "against_previous": ("against the version before", "gegenüber der vorigen Fassung"),
    "between": ("changed between {after} and {by}", "geändert zwischen {after} und {by}"),
    "until": ("changed by {by} (when the older text was last there is not known)", "geändert bis {by} (wann der ältere Text zuletzt da war, ist nicht bekannt)"),
    "unknown_time": ("when it was changed is not known", "wann geändert wurde, ist nicht bekannt"),
    "version": ("version", "Fassung"),
    "saved_copy": ("saved copy", "gespeicherte Fassung"),
    "what_changed": ("What changed", "Was geändert wurde"),
    "evidence": ("Evidence", "Belege"),
    "article": ("Article", "Artikel"),
    "address": ("Address", "Adresse"),
    "older": ("Older text", "Älterer Text"),
    "newer": ("Newer text", "Neuerer Text"),
    "seen": ("seen {first} to {last}", "gesehen von {first} bis {last}"),
    "extractor": ("Read by", "Gelesen von"),
    "page_sha256": ("SHA-256 of the page as served", "SHA-256 der Seite wie ausgeliefert"),
    "text_sha256": ("SHA-256 of the text", "SHA-256 des Textes"),
    "metadata": ("Also different: {names} (recorded, not counted as a change)", "Auch verschieden: {names} (festgehalten, nicht als Änderung gezählt)"),
    "limits": (
        "Shown is what the server sent to this machine at the stated times. Pictures and video are not compared.",
        "Gezeigt wird, was der Server diesem Rechner zu den genannten Zeiten geschickt hat. Bilder und Videos werden nicht verglichen.",
    ),
    "moved_here": ("moved here", "hierher verschoben"),
    "moved_away": ("moved", "verschoben"),
    "changes": ("Changes", "Änderungen"),
    "articles": ("articles", "Artikel"),
    "versions": ("versions", "Fassungen"),
    "versions_title": ("Versions", "Fassungen"),
    "looks": ("Looks at the page", "Blicke auf die Seite"),
    "gaps": ("Gaps", "Lücken"),
    "last_look": ("last look", "letzter Blick"),
    "service_running": ("the service runs", "der Dienst läuft"),
    "service_stopped": ("the service is stopped", "der Dienst ist angehalten"),
    "service_stalled": ("the service has stalled", "der Dienst steht"),
    "health": ("Health", "Zustand"),
    "troubles": ("Looks that showed no text", "Blicke, die keinen Text zeigten"),
    "sources": ("Sources", "Quellen"),
    "weight": ("Weight at least", "Gewicht mindestens"),
    "note": ("Note", "Hinweis"),
    "compared_with": ("Compared with", "Verglichen mit"),
    "words": ("Words added or removed", "Hinzugefügte oder entfernte Wörter"),
    "any": ("any", "alle"),
    "filter": ("Filter", "Filtern"),
    "substantive": ("substantive", "inhaltlich"),
    "editorial": ("editorial", "redaktionell"),
    "silent": ("none found", "keiner gefunden"),
    "noted": ("found", "gefunden"),
    "not-needed": ("not needed", "nicht nötig"),
    "nothing_found": ("Nothing here.", "Hier ist nichts."),
    "skip": ("Skip to the changes", "Zu den Änderungen springen"),
}  # fmt: skip


def say(key: str, language: str, **values: str) -> str:
    """A fixed piece of text."""
    return _pick(_TEXTS[key], language).format(**values)


def kind(value: Kind, language: str, count: int = 1) -> str:
    """A kind, in the number wanted."""
    singular_en, plural_en, singular_de, plural_de = _KINDS[value]
    pair = (singular_en, singular_de) if count == 1 else (plural_en, plural_de)
    return _pick(pair, language)


def weight(value: Weight, language: str) -> str:
    """A weight."""
    return _pick(_WEIGHTS[value], language)


def disclosure(value: Disclosure, language: str) -> str:
    """A disclosure, as an observation."""
    return _pick(_DISCLOSURES[value], language)


def operation(value: EditOp, language: str) -> str:
    """A block's fate."""
    return _pick(_OPS[value], language)


def field(value: Field, language: str) -> str:
    """A field."""
    return _pick(_FIELDS[value], language)


def moment(value: datetime | None, language: str) -> str:
    """An instant in Berlin's time with UTC beside it."""
    if value is None:
        return "-"
    pattern = "d. MMMM y, HH:mm" if language == "de" else "d MMMM y, HH:mm"
    berlin = format_datetime(value, pattern, tzinfo=_BERLIN, locale=language)
    return f"{berlin} Berlin ({format_datetime(value, 'HH:mm', tzinfo=ZoneInfo('UTC'), locale=language)} UTC)"


def observed(after: datetime | None, by: datetime | None, language: str) -> str:
    """Between which looks it was changed."""
    if by is None:
        return say("unknown_time", language)
    if after is None:
        return say("until", language, by=moment(by, language))
    return say("between", language, after=moment(after, language), by=moment(by, language))


def _pick(pair: tuple[str, str], language: str) -> str:
    return pair[1] if language == "de" else pair[0]
