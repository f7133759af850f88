"""The configuration is taken whole or not at all, and a mistake is named by its key in one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler import politeness
from scheduler.cli.config import config
from scheduler.configuration import Configuration, find, load
from scheduler.preparing import languages, prepare
from storage import Store
from storage.errors import UserError

WRONG = {
    'contac = "x"': "unknown key `contac`; did you mean `contact`?",
    "contact = 3": "contact: Expected `str`, got `int`",
    'contact = "a (b)"': "`contact` is sent in a header",
    '[outlets.dw.languages.de]\nfeds = ["x"]': "outlets.dw.languages.de: unknown key `feds`; did you mean `feeds`?",
    '[outlets.dw.languages.de]\nfeeds = ["ftp://x"]': "outlets.dw.languages.de: 'ftp://x' is not an http(s) URL",
    '[outlets.dw.languages.de]\nfeeds = ["http://x", 3]': "outlets.dw.languages.de.feeds[1]: Expected `str`",
    "[outlets.dw]\ndelay = -1": "outlets.dw: `delay` is in seconds",
    "[outlets.dw]\nbudget = 0": "outlets.dw: `budget` is a number of requests a day",
    "[outlets]\ndw = 3": "outlets.dw: Expected `object`",
    "outlets = 3": "outlets: a table is expected",
    '[notify.channels.a]\nurl = "x"\nquiet = "25:00-1:00"': "notify.channels.a: '25:00' is not a time of day",
    '[notify.channels.a]\nurl = "x"\ntimezone = "Mars/Base"': "notify.channels.a: `timezone` 'Mars/Base' is not known",
    '[notify.channels.a]\nwebhook = "https://x"': "notify.channels.a: `secret` is needed",
    '[notify.channels.a]\nwebhook = "https://x"\nsecret = "plain"': "`secret` names an environment variable",
    '[[notify.rules]]\nchannels = ["a"]': "notify: `channels`: 'a' is not known",
    '[[notify.rules]]\nchannels = ["a"]\nkinds = ["numbr"]': "notify.rules, number 1: `kinds`: 'numbr' is not known",
    "what": "not valid TOML",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_one_line_that_names_the_key(tmp_path: Path, text: str) -> None:
    path = tmp_path / "zaesur.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=re.escape(WRONG[text])) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "nothing was started" in str(caught.value)


def test_the_file_is_the_one_named_else_the_one_beside_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZAESUR_CONFIG", raising=False)
    database = tmp_path / "z.db"
    assert find(database) is None
    beside, named = tmp_path / "zaesur.toml", tmp_path / "other.toml"
    beside.touch()
    named.touch()
    assert find(database) == beside
    monkeypatch.setenv("ZAESUR_CONFIG", str(named))
    assert find(database) == named
    assert find(database, beside) == beside
    with pytest.raises(UserError, match="there is no configuration"):
        find(database, tmp_path / "none.toml")


def test_the_shipped_default_names_dws_32_languages_and_is_in_order(tmp_path: Path) -> None:
    path = tmp_path / "zaesur.toml"
    run = CliRunner().invoke(config, ["init", str(path), "--languages", "all"])
    assert run.exit_code == 0, run.output
    assert len(languages(load(path))) == 32
    sources = [url for _, url in load(path).sources()]
    assert len(sources) == len(set(sources)) >= 32
    text = path.read_text(encoding="utf-8")
    assert all("#" in line for line in text.splitlines() if "https://" in line), "each source says what is known of it"


def test_the_shipped_default_reads_only_the_languages_asked_for_and_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "zaesur.toml"
    assert CliRunner().invoke(config, ["init", str(path), "--languages", "de, uk"]).exit_code == 0
    assert languages(load(path)) == {"de", "uk"}
    before = path.read_bytes()
    again = CliRunner().invoke(config, ["init", str(path)])
    assert isinstance(again.exception, UserError)
    assert path.read_bytes() == before


def test_sources_follow_the_configuration_and_those_added_by_hand_stay(tmp_path: Path) -> None:
    def configured(*urls: str) -> Configuration:
        feeds = ", ".join(f'"{url}"' for url in urls)
        path = tmp_path / "zaesur.toml"
        path.write_text(f"[outlets.dw.languages.de]\nfeeds = [{feeds}]\n", encoding="utf-8")
        return load(path)

    with Store.open(tmp_path / "z.db") as store:
        store.add_feed("https://a.example/", "feed")
        prepare(store, configured("https://a.example/", "https://b.example/"))
        assert {feed.url for feed in store.feeds()} == {"https://a.example/", "https://b.example/"}
        prepare(store, configured("https://c.example/"))
        assert {feed.url for feed in store.feeds()} == {"https://a.example/", "https://c.example/"}
    politeness.forget()


def test_an_outlets_pace_and_our_contact_come_from_the_configuration_and_never_below_what_is_polite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZAESUR_DELAY", raising=False)
    monkeypatch.delenv("ZAESUR_CONTACT", raising=False)
    path = tmp_path / "zaesur.toml"
    path.write_text(
        'contact = "mailto:desk@example.org"\n[outlets.dw]\ndelay = 9\n'
        '[outlets."example.org"]\ndelay = 0\nhosts = ["example.org", "www.example.org"]\n',
        encoding="utf-8",
    )
    with Store.open(tmp_path / "z.db") as store:
        prepare(store, load(path))
    assert politeness.delay("https://rss.dw.com/rdf/rss-de-all") == 9
    assert politeness.delay("https://www.example.org/x") == politeness.LEAST
    assert politeness.outlet_slot("https://www.example.org/") == politeness.outlet_slot("https://example.org/")
    assert "mailto:desk@example.org" in politeness.user_agent()
    monkeypatch.setenv("ZAESUR_CONTACT", "https://example.net")
    assert "example.net" in politeness.user_agent()
    politeness.forget()
