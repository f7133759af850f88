"""Each change is told once a channel, whatever is killed and whoever is asleep; nothing of a page acts in a message."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports import notifications
from reports.notifications import Told
from scheduler.configuration import Channel, Configuration, Rule, load
from scheduler.notifying import gather, gathered_until, quiet, wanted, write
from scheduler.sending import compose
from storage import Store
from tests.scheduler.newsdesk import ROOT, Mailbox, Posts, configure, mailbox, posts, publish, zaesur

TEXTS = ("Von 412 waren 287 dafür.", "Von 412 waren 278 dafür.", "Von 412 waren 279 dafür.", "Von 412 waren 300 dafür.")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as running:
        yield running


@pytest.fixture
def web() -> Iterator[Posts]:
    with posts() as running:
        yield running


def channels(box: Mailbox, web: Posts, more: str = "") -> str:
    return f"""
[notify.channels.desk]
url = "mailto://127.0.0.1:{box.port}/?from=zaesur@example.org&to=desk@example.org&mode=insecure"
language = "de"
{more}
[notify.channels.hook]
webhook = "http://127.0.0.1:{web.port}/hook"
secret = "${{HOOK}}"
{more}
[[notify.rules]]
channels = ["desk", "hook"]
"""


def environment(box: Mailbox, web: Posts) -> dict[str, str]:
    return {"ZAESUR_ALLOW_HOSTS": f"127.0.0.1:{box.port},127.0.0.1:{web.port}", "HOOK": "topsecret"}


def test_each_change_is_told_once_and_a_channel_begins_with_what_comes_after(
    tmp_path: Path, box: Mailbox, web: Posts
) -> None:
    publish(tmp_path / "z.db", *TEXTS[:2])
    configure(tmp_path, channels(box, web))
    asked = environment(box, web)
    assert zaesur(tmp_path, "notify", **asked).returncode == 0
    assert (len(box.mails), len(web.requests)) == (0, 0), "what was recorded before is not told"
    publish(tmp_path / "z.db", TEXTS[2])
    for _ in range(3):
        assert zaesur(tmp_path, "notify", **asked).returncode == 0
    assert (len(box.mails), len(web.requests)) == (1, 1)
    assert zaesur(tmp_path, "notify", "--all", **asked).returncode == 0
    assert (len(box.mails), len(web.requests)) == (2, 2), "--all tells the earlier one, and none again"
    mail = box.mails[0]
    assert mail["subject"] == "[inhaltlich] Ein Dorf: Eine Zahl geändert; kein Hinweis gefunden."
    text, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert page is not None
    assert "[-278-]{+279+}" in text.get_content()
    assert "<ins" not in page.get_content()
    assert 'style="background:#d5e9ff' in page.get_content()


@pytest.mark.parametrize("sink", ["mail", "webhook"])
def test_a_notifier_killed_after_each_delivery_loses_nothing_and_repeats_only_under_the_same_id(
    tmp_path: Path, box: Mailbox, web: Posts, sink: str
) -> None:
    publish(tmp_path / "z.db", *TEXTS)
    text = channels(box, web).replace('["desk", "hook"]', '["desk"]' if sink == "mail" else '["hook"]')
    configure(tmp_path, text)
    running: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        # taken by the receiver, not yet known to the notifier: the worst moment
        if running:
            os.killpg(running.pop().pid, signal.SIGKILL)

    box.accepted = web.accepted = kill
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "scheduler", "notify", "--all"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "ZAESUR_DB": "z.db", **environment(box, web)},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        running.append(process)
        assert process.wait(60) == -signal.SIGKILL
    assert zaesur(tmp_path, "notify", "--all", **environment(box, web)).returncode == 0
    if sink == "mail":
        told = [
            (str(mail["message-id"]), str(mail["date"]), mail.as_string().partition("\n\n")[2][-400:])
            for mail in box.mails
        ]
    else:
        told = [(headers["idempotency-key"], headers["webhook-id"], body.decode()) for _, headers, body in web.requests]
        numbers = {payload["id"]: [row["id"] for row in payload["changes"]] for payload in web.payloads}
        assert sorted(numbers.values()) == [[1], [2], [3]]
    ids = Counter(key for key, *_ in told)
    assert len(ids) == 3, "three changes, three messages"
    assert sum(ids.values()) > 3, "something was sent again"
    if sink == "webhook":
        assert len(set(told)) == 3, "a repetition is the same byte for byte"


def test_a_channel_that_fails_is_said_kept_and_tried_later_and_no_secret_is_shown(
    tmp_path: Path, box: Mailbox, web: Posts
) -> None:
    publish(tmp_path / "z.db", *TEXTS[:2])
    configure(tmp_path, channels(box, web))
    web.status = 302
    failed = zaesur(tmp_path, "notify", "--all", **environment(box, web))
    assert failed.returncode == 1
    assert "channel hook: the webhook answers 302, and redirects are not followed" in failed.stderr
    assert [path for path, *_ in web.requests] == ["/hook"]
    assert len(box.mails) == 1, "the other channel goes on"
    with Store.open(tmp_path / "z.db") as store:
        (message,) = store.unsent("hook")
        assert message.attempts == 1
        assert store.unsent("hook", datetime.now(UTC)) == []
        assert [m.key for m in store.unsent("hook", datetime.now(UTC) + timedelta(minutes=2))] == [message.key]
    for arguments in (["status"], ["doctor"], ["config", "check"], ["notify", "--dry-run"]):
        shown = zaesur(tmp_path, *arguments, **environment(box, web))
        assert "topsecret" not in shown.stdout + shown.stderr
        assert f":{web.port}" not in "\n".join(
            line for line in shown.stdout.splitlines() if "ZAESUR_ALLOW_HOSTS" not in line
        )


def test_no_channel_reaches_an_address_that_is_not_public_unless_it_was_allowed(
    tmp_path: Path, box: Mailbox, web: Posts
) -> None:
    publish(tmp_path / "z.db", *TEXTS[:2])
    configure(
        tmp_path,
        f"""
[notify.channels]
mail = {{ url = "mailto://127.0.0.1:{box.port}/?from=a@example.org&to=b@example.org&mode=insecure" }}
hook = {{ webhook = "http://127.0.0.1:{web.port}/", secret = "${{HOOK}}" }}
json = {{ url = "json://localhost:{web.port}/" }}
mapped = {{ url = "json://[::ffff:127.0.0.1]:{web.port}/" }}
number = {{ url = "json://2130706433:{web.port}/" }}
push = {{ url = "ntfy://127.0.0.1:{web.port}/topic" }}
program = {{ url = "macosx://" }}
[[notify.rules]]
channels = ["mail", "hook", "json", "mapped", "number", "push", "program"]
""",
    )
    tested = zaesur(
        tmp_path, "notify", "--test", HOOK="x", ZAESUR_ALLOW_HOSTS="", http_proxy=f"http://127.0.0.1:{web.port}"
    )
    assert tested.returncode == 1
    assert "delivered" not in [line.partition(": ")[2] for line in tested.stdout.splitlines()]
    assert tested.stdout.count("is not a public address") >= 5
    assert (box.mails, web.requests) == ([], [])


def test_a_missing_secret_is_named_and_a_wrong_address_is_said(tmp_path: Path, web: Posts) -> None:
    configure(
        tmp_path,
        """
[notify.channels]
hook = { webhook = "https://hooks.example/x", secret = "${NOT_SET_ANYWHERE}" }
odd = { url = "nothing://x" }
""",
    )
    tested = zaesur(tmp_path, "notify", "--test")
    assert tested.stdout.splitlines() == [
        "hook: the environment variable NOT_SET_ANYWHERE is not set; nothing was sent there",
        "odd: the channel's address is none that Apprise knows; see https://github.com/caronc/apprise/wiki",
    ]


RULES = {
    "the default": (Rule(channels=("a",)), True),
    "weight": (Rule(channels=("a",), weight="substantive"), True),
    "kind": (Rule(channels=("a",), kinds=("name", "number")), True),
    "another kind": (Rule(channels=("a",), kinds=("name",)), False),
    "silent": (Rule(channels=("a",), disclosure="silent"), True),
    "noted": (Rule(channels=("a",), disclosure="noted"), False),
    "outlet": (Rule(channels=("a",), outlets=("dw",)), True),
    "another outlet": (Rule(channels=("a",), outlets=("example.org",)), False),
    "language": (Rule(channels=("a",), languages=("en", "de")), True),
    "another language": (Rule(channels=("a",), languages=("en",)), False),
    "words that were added": (Rule(channels=("a",), text="278"), True),
    "words that stayed": (Rule(channels=("a",), text="412"), False),
    "seed": (Rule(channels=("a",), baseline="seed"), False),
    "any baseline": (Rule(channels=("a",), baseline="any"), True),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_asks_for_what_it_says(tmp_path: Path, name: str) -> None:
    rule, expected = RULES[name]
    (change,) = publish(tmp_path / "z.db", *TEXTS[:2])
    assert wanted(rule, change, "dw") is expected


@pytest.mark.parametrize(
    ("moment", "asleep"),
    [
        ("2026-03-02T20:59:59Z", False),  # 21:59 in Berlin
        ("2026-03-02T21:00:00Z", True),
        ("2026-03-03T05:59:59Z", True),
        ("2026-03-03T06:00:00Z", False),
        ("2026-07-02T20:00:00Z", True),  # summer: 22:00 in Berlin
        ("2026-07-03T05:00:00Z", False),
    ],
)
def test_quiet_hours_are_the_channels_own_and_span_midnight(moment: str, asleep: bool) -> None:
    channel = Channel(url="x://", quiet="22:00-07:00", timezone="Europe/Berlin")
    assert quiet(channel, datetime.fromisoformat(moment)) is asleep


def test_a_digest_gathers_what_was_noted_before_its_time(tmp_path: Path) -> None:
    channel = Channel(url="x://", digest=("18:00", "08:00"), timezone="Europe/Berlin")
    noon = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert gathered_until(channel, noon) == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert gathered_until(channel, noon.replace(hour=6)) == datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
    configuration = load(
        configure(
            tmp_path, '[notify.channels.a]\nurl = "x://"\ndigest = ["08:00"]\n[[notify.rules]]\nchannels = ["a"]\n'
        )
    )
    publish(tmp_path / "z.db", *TEXTS)
    with Store.open(tmp_path / "z.db") as store:
        gather(store, configuration, at_first=0)
        eight = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
        write(store, configuration, eight - timedelta(days=1))
        assert store.unsent("a") == []
        for _ in range(2):
            write(store, configuration, eight + timedelta(days=1, minutes=1))
        assert [message.changes for message in store.unsent("a")] == [(1, 2, 3)]


def test_an_article_that_goes_back_and_forth_is_told_of_once(tmp_path: Path) -> None:
    one, two = TEXTS[:2]
    publish(tmp_path / "z.db", one, two, one, two, one, two)
    configuration = Configuration(
        notify=load(
            configure(tmp_path, '[notify.channels.a]\nurl = "x://"\n[[notify.rules]]\nchannels = ["a"]\n')
        ).notify
    )
    with Store.open(tmp_path / "z.db") as store:
        gather(store, configuration, at_first=0)
        told = [notice.change for notice in store.notices("a") if not notice.folded]
        assert told == [1, 2, 3], "the edit, that it was taken back, and once that the texts take turns"
        assert len(store.notices("a")) == 5, "the others are noted, folded with a reason"
    publish(tmp_path / "z.db", TEXTS[3])
    with Store.open(tmp_path / "z.db") as store:
        gather(store, configuration)
        assert [notice.change for notice in store.notices("a") if not notice.folded] == [1, 2, 3, 6]


def test_a_change_that_is_withdrawn_while_it_waits_is_told_to_nobody(tmp_path: Path) -> None:
    configuration = load(configure(tmp_path, '[notify.channels.a]\nurl = "x://"\n[[notify.rules]]\nchannels = ["a"]\n'))
    publish(tmp_path / "z.db", *TEXTS[:3])
    with Store.open(tmp_path / "z.db") as store:
        gather(store, configuration, at_first=0)
        store.retell(1, None, summary="", headline="", differ="another", extractor=None)
        write(store, configuration, datetime.now(UTC))
        assert [message.changes for message in store.unsent("a")] == [(2,)]
        assert store.outbox()[0]["waiting"] == 0


class Tags(HTMLParser):
    """The elements and attributes a mail program would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += [(tag, name) for name, _ in attrs] or [(tag, "")]


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "</span></p><style>*{display:none}</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "{{7*7}} {% raw %} ${HOOK}",
    "Subject: x\r\nBcc: everyone@example.org\r\n\r\nhi",
    "@everyone <!channel> <@U123>",
    "\u202eevil\u202c \u200b\x00\x1b[31m",
)


@pytest.mark.parametrize("payload", HOSTILE)
def test_a_page_is_only_text_in_a_message(tmp_path: Path, payload: str) -> None:
    (change,) = publish(
        tmp_path / "z.db",
        "Von 412 waren 287 dafür.",
        f"Von 412 waren 278 dafür. {payload}",
        headline=f"Titel {payload}",
    )
    told = Told(changes=(change,), language="en", reports="https://reports.example")
    page = Tags()
    page.feed(notifications.mail(told))
    assert {tag for tag, _ in page.seen} <= {
        "html",
        "head",
        "meta",
        "title",
        "body",
        "div",
        "h1",
        "p",
        "strong",
        "span",
        "a",
        "br",
    }
    assert {name for _, name in page.seen} <= {
        "",
        "lang",
        "charset",
        "name",
        "content",
        "style",
        "dir",
        "href",
        "http-equiv",
    }
    assert "49" not in notifications.subject(told)
    subject, chat = notifications.subject(told), notifications.text(told, chat=True)
    assert not any(ord(character) < 32 or character == "\u202e" for character in subject)
    assert "@everyone" not in chat
    assert "<!channel" not in chat
    message = {
        "key": "k",
        "written": "2026-03-02T08:00:00+00:00",
        "subject": subject,
        "text": notifications.text(told),
        "mail": notifications.mail(told),
    }
    mail = compose(message, "zaesur@example.org", "desk@example.org")
    assert "bcc" not in {name.lower() for name in mail}
    assert not any(character in notifications.text(told) for character in "\x00\x1b\u202e\u200b")


def test_the_documented_snippet_verifies_a_webhook_and_refuses_a_changed_one(
    tmp_path: Path, box: Mailbox, web: Posts
) -> None:
    publish(tmp_path / "z.db", *TEXTS[:2])
    configure(tmp_path, channels(box, web))
    zaesur(tmp_path, "notify", "--all", **environment(box, web))
    ((_, headers, body),) = web.requests
    text = (ROOT / "docs" / "notifications.md").read_text(encoding="utf-8")
    snippet = text.partition("```python\n")[2].partition("```")[0]
    scope: dict[str, object] = {}
    exec(compile(snippet, "docs/notifications.md", "exec"), scope)  # noqa: S102 - the documentation's own code
    verify = scope["verify"]
    assert callable(verify)
    assert verify("topsecret", headers, body) is True
    assert verify("topsecret", headers, body + b" ") is False
    assert verify("another", headers, body) is False
    old = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 3600)}
    assert verify("topsecret", old, body) is False
