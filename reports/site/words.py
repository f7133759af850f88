"""What a template says, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reports import wording
from reports.events import told
from reports.reasons import reasons
from reports.site.addresses import from_file_name
from reports.site.selections import FIXED
from reports.summary import summarise
from reports.troubles import trouble
from storage.types import Change, Edit, Event, Kind, MetadataChange

_OUTLETS = {"dw": "Deutsche Welle"}


class Words:
    """Texts, counts, names and times in one language."""

    @property
    def language(self) -> str:
        """``en`` or ``de``."""
        raise NotImplementedError

    def say(self, key: str, **values: object) -> str:
        """A text in the reader's language."""
        return wording.say(key, self.language, **values)

    def count(self, key: str, number: int) -> str:
        """A counted thing."""
        return wording.count(key, number, self.language)

    def name(self, family: str, value: str) -> str:
        """One of a family of texts."""
        return wording.name(family, value, self.language)

    def kind(self, value: Kind, number: int = 1) -> str:
        """A kind of difference."""
        return wording.kind(value, self.language, number)

    def moment(self, value: datetime | None) -> str:
        """An instant in Berlin and in UTC."""
        return wording.moment(value, self.language)

    def short(self, value: datetime | None) -> str:
        """An instant in few words."""
        return wording.short(value, self.language)

    def duration(self, seconds: float) -> str:
        """A length of time in its largest unit."""
        return wording.duration(seconds, self.language)

    def reasons(self, edit: Edit) -> list[str]:
        """Why the rules fired on an edit."""
        return reasons(edit, self.language)

    def list_name(self, name: str) -> str:
        """What a list or feed is called."""
        family, _, value = name.partition("-")
        if name in FIXED:
            return self.name("list", name)
        text = from_file_name(value)
        return {"outlet": self.outlet, "language": self.tongue}.get(family, str)(text)

    def around(self, items: Iterable[MetadataChange]) -> str:
        """What else is different around a text."""
        return wording.around(items, self.language)

    def observed(self, change: Change) -> str:
        """Between which looks it was changed."""
        return wording.observed(change.observed_after, change.observed_by, self.language)

    def event(self, event: Event) -> str:
        """What happened to an article, in a sentence."""
        return told(event, self.language)

    def trouble(self, recorded: str | None) -> str:
        """Why a look showed no text, or nobody looked."""
        return trouble(recorded or "", self.language)

    @staticmethod
    def sentence(text: str) -> str:
        """A text as the beginning of a sentence."""
        return text[:1].upper() + text[1:]

    def summary(self, change: Change) -> str:
        """The one sentence."""
        return summarise(change.assessment, self.language)

    def version(self, number: int) -> str:
        """A version as readers call it."""
        return wording.version(number, self.language)

    def decimal(self, value: float) -> str:
        """A number with the separators of the language."""
        return wording.decimal(value, self.language)

    def percent(self, share: float) -> str:
        """A share as a percentage."""
        return wording.percent(share, self.language)

    def tongue(self, code: str) -> str:
        """The name of a language in the reader's language; its code where nobody knows a name."""
        return wording.tongue(code, self.language)

    @staticmethod
    def outlet(name: str) -> str:
        """An outlet's own name."""
        return _OUTLETS.get(name, name)


@dataclass(frozen=True)
class Spoken(Words):
    """Just a language, where there are no other pages to link to."""

    spoken: str

    @property
    def language(self) -> str:
        """The language."""
        return self.spoken
