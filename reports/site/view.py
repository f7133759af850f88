"""What every page is rendered with: the reader's language, links from where it stands, the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FunctionLoader, StrictUndefined

from reports import wording
from reports.site import addresses
from reports.site.documents import Document, Reading, Visitor
from reports.site.words import Words
from reports.views import direction, in_order, only_invisible, shown
from storage import Store

_LANGUAGE_NAMES = {"en": "English", "de": "Deutsch"}


@dataclass(frozen=True, kw_only=True)
class View(Words):
    """One request for a page, live or for export."""

    store: Store
    reading: Reading
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    review: bool = False
    visitor: Visitor | None = None

    @property
    def language(self) -> str:
        """The language of the page around the articles' texts."""
        return addresses.language_of(self.path)[0]

    @property
    def other(self) -> str:
        """The other language."""
        return "en" if self.language == "de" else "de"

    @property
    def other_name(self) -> str:
        """The name of the other language, in that language."""
        return _LANGUAGE_NAMES[self.other]

    @property
    def translated(self) -> str:
        """The link to this page in the other language."""
        page = addresses.language_of(self.path)[1]
        return self.file(addresses.in_language(page, self.other), **self.query)

    def link(self, page: str, **query: str) -> str:
        """The link to another page in the same language."""
        return self.file(addresses.in_language(page, self.language), **query)

    def file(self, path: str, **query: str) -> str:
        """The link to anything on the site."""
        return addresses.relative(path, self.path) + (f"?{urlencode(query)}" if query else "")

    def absolute(self, page: str) -> str:
        """The whole address where it is known, for feeds; else the link."""
        return f"{self.base}{addresses.in_language(page, self.language)}" if self.base else self.link(page)

    def render(self, template: str, **values: Any) -> Document:
        """A page."""
        page = environment().get_template(template)
        return Document(body=page.render(v=self, **values).encode())


@cache
def environment() -> Environment:
    """The one environment of all pages: escaping always, an unknown name is an error."""
    made = Environment(
        autoescape=True,
        loader=FunctionLoader(template_text),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        address=addresses, shown=shown, invisible=only_invisible, direction=direction, in_order=in_order
    )
    return made


def warm() -> None:
    """Compile every template and read the catalogues now, so that the first reader does not wait for it."""
    for file in (resources.files("reports") / "templates").iterdir():
        if file.name.endswith(".html"):
            environment().get_template(file.name)
    for language in wording.LANGUAGES:
        wording.say("changes", language)


def template_text(name: str) -> str:
    """A file of the templates' folder."""
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")
