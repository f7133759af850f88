"""The catalogues are read quickly, and to the letter as the reader of gettext's whole format reads them."""

from __future__ import annotations

from importlib import resources
from io import BytesIO

import pytest
from babel.messages.pofile import read_po

from reports.catalogue import catalogue, read
from reports.wording import LANGUAGES

HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_is_what_babel_reads(language: str) -> None:
    file = resources.files("reports") / "locale" / language / "LC_MESSAGES" / "reports.po"
    expected = {}
    for message in read_po(BytesIO(file.read_bytes()), locale=language, abort_invalid=True):
        key = message.id if isinstance(message.id, str) else message.id[0]
        expected[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    del expected[""]
    assert catalogue(language) == expected


def test_escapes_and_texts_over_several_lines_are_read() -> None:
    assert read(HEADER + 'msgid "a"\nmsgstr ""\n"two\\n"\n"\\"lines\\", \\\\ and a – dash"\n') == {
        "a": ('two\n"lines", \\ and a – dash',)
    }


@pytest.mark.parametrize(
    "lines",
    [
        'msgctxt "menu"\nmsgid "a"\nmsgstr "b"',
        '#, fuzzy\nmsgid "a"\nmsgstr "b"',
        '#~ msgid "a"\n#~ msgstr "b"',
        'msgid "a"\nmsgid_plural "a"\nmsgstr[2] "b"',
        'msgid "a"\nmsgid_plural "as"\nmsgstr[0] "b"',
        'msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"',
        'msgid "a"\nmsgstr "b',
        'msgid "a"\nmsgstr "b" + "c"',
    ],
)  # fmt: skip
def test_what_a_catalogue_of_ours_may_not_hold_is_refused(lines: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        read(HEADER + lines + "\n")


def test_another_rule_for_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="plural"):
        read(HEADER.replace("n != 1", "n > 1"))
