"""An invented newsroom: articles in eight languages that were changed, moved, removed and missed, as a database to look at.

Everything here is made up; no outlet published any of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from reports.diff import FINGERPRINT, assess
from reports.summary import summarise
from storage import Store
from storage.types import Article, Block, BlockKind, Content, Look, Outcome

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Story:
    """An article and its successive texts; the first paragraph of each text is its headline, the second its teaser."""

    number: int
    language: str
    section: str
    texts: tuple[tuple[str, ...], ...]

    @property
    def article(self) -> Article:
        """The article as it is first heard of."""
        url = f"https://www.dw.com/{self.language}/story/a-{self.number}"
        return Article(id=f"a-{self.number}", outlet="dw", url=url, language=self.language)


CLOCKS = Story(
    71703301,
    "de",
    "Gesellschaft",
    (
        (
            "Ein Dorf schaltet die Uhren ab",
            "Seit drei Wochen lebt Tarnow nach dem Licht. Die Bürgermeisterin ist zufrieden.",
            "Am Anfang war es nur ein Versuch, sagt Bürgermeisterin Mara Lindqvist. Dann blieben die Zeiger stehen, und niemand vermisste sie.",
            "Von den 412 Einwohnern haben 287 dafür gestimmt. Die Kosten beziffert die Gemeinde auf rund 5.000 Euro.",
            "Die Schule beginnt, wenn die Sonne über dem Kirchturm steht. Die Busse fahren weiter nach Fahrplan.",
            "„Wir haben keine einzige Beschwerde bekommen“, sagt Lindqvist.",
            "Ob der Versuch verlängert wird, entscheidet der Gemeinderat im Herbst.",
        ),
        (
            "Ein Dorf schaltet die Uhren ab",
            "Seit drei Wochen lebt Tarnow nach dem Licht. Die Bürgermeisterin ist zufrieden.",
            "Am Anfang war es nur ein Versuch, sagt Bürgermeisterin Mara Lindqvist. Dann blieben die Zeiger stehen, und niemand vermisste sie.",
            "Von den 412 Einwohnern haben 278 dafür gestimmt. Die Kosten beziffert die Gemeinde auf rund 15.000 Euro.",
            "Die Schule beginnt, wenn die Sonne über dem Kirchturm steht. Die Busse fahren weiter nach Fahrplan.",
            "„Wir haben kaum Beschwerden bekommen“, sagt Lindqvist.",
            "Ob der Versuch verlängert wird, entscheidet der Gemeinderat im Herbst.",
        ),
        (
            "Tarnow lebt nach dem Licht – und streitet darüber",
            "Seit drei Wochen lebt Tarnow nach dem Licht. Nicht alle sind zufrieden.",
            "Am Anfang war es nur ein Versuch, sagt Bürgermeisterin Mara Lindqvist. Dann blieben die Zeiger stehen, und niemand vermisste sie.",
            "Die Schule beginnt, wenn die Sonne über dem Kirchturm steht. Die Busse fahren weiter nach Fahrplan.",
            "„Wir haben kaum Beschwerden bekommen“, sagt Lindqvist.",
            "Von den 412 Einwohnern haben 278 dafür gestimmt. Die Kosten beziffert die Gemeinde auf rund 15.000 Euro.",
            "Der Landwirt Jonas Eberle sieht das anders: Die Molkerei komme weiterhin um sechs.",
            "Ob der Versuch verlängert wird, entscheidet der Gemeinderat im Herbst.",
        ),
    ),
)
FERRY = Story(
    71703302,
    "en",
    "Science",
    (
        (
            "Night ferry returns to Port Ellery",
            "After eleven years the harbour lights are on again.",
            "The ferry carried 120 passengers on its first night, the operator said.",
            "Tickets cost 18 dollars. The crossing takes six hours.",
            "“It was never about the money,” said harbour master Ruth Calder.",
        ),
        (
            "Night ferry returns to Port Ellery",
            "After eleven years the harbour lights are on again.",
            "The ferry carried 102 passengers on its first night, the operator said.",
            "Tickets cost 18 dollars. The crossing takes six hours.",
            "“It was never about the money,” said harbour master Ruth Calder.",
            "Correction: An earlier version of this article said that 120 passengers travelled on the first night. It was 102. We regret the error.",
        ),
    ),
)
WELL = Story(
    71703303,
    "ar",
    "مجتمع",
    (
        (
            "قرية تعيد فتح بئرها القديمة بعد ثلاثين عاما",
            "عاد الماء إلى ساحة القرية، وعاد معه الناس.",
            "قالت رئيسة البلدية ليلى منصور إن 12 عائلة شاركت في الحفر خلال الشتاء.",
            "وتبلغ تكلفة المشروع 40 ألف دينار، دفعت البلدية نصفها.",
            "ومن المقرر أن تنتهي الأعمال في شهر مايو.",
        ),
        (
            "قرية تعيد فتح بئرها القديمة بعد ثلاثين عاما",
            "عاد الماء إلى ساحة القرية، وعاد معه الناس.",
            "قالت رئيسة البلدية ليلى منصور إن 21 عائلة شاركت في الحفر خلال الشتاء.",
            "وتبلغ تكلفة المشروع 60 ألف دينار، دفعت البلدية ثلثها.",
            "ومن المقرر أن تنتهي الأعمال في شهر يونيو.",
        ),
    ),
)
_SHORT = (
    (71703304, "fa", "جامعه", "کتابخانه‌ای کوچک در کوهستان", "این کتابخانه 350 کتاب دارد و هر روز باز است.", "این کتابخانه 530 کتاب دارد و هر روز باز است."),
    (71703305, "ur", "معاشرہ", "پہاڑی گاؤں میں نیا اسکول", "اس اسکول میں 45 بچے پڑھتے ہیں۔", "اس اسکول میں 54 بچے پڑھتے ہیں۔"),
    (71703306, "zh", "社会", "山村小学迎来新老师", "学校共有36名学生，最小的六岁。", "学校共有63名学生，最小的六岁。"),
    (71703307, "hi", "समाज", "पहाड़ी गाँव में पहली लाइब्रेरी", "लाइब्रेरी में 250 किताबें हैं और यह रोज़ खुलती है।", "लाइब्रेरी में 520 किताबें हैं और यह रोज़ खुलती है।"),
    (71703308, "am", "ማህበረሰብ", "በተራራው መንደር አዲስ ትምህርት ቤት", "ትምህርት ቤቱ 48 ተማሪዎች አሉት።", "ትምህርት ቤቱ 84 ተማሪዎች አሉት።"),
    (71703309, "de", "Kultur", "Nachtzug nach Tarnow", "Der Zug fährt um 22.10 Uhr - jeden Tag.", "Der Zug fährt um 22.10 Uhr – jeden Tag."),
)  # fmt: skip
STORIES = (
    CLOCKS,
    FERRY,
    WELL,
    *(
        Story(number, language, section, tuple((headline, "", text) for text in (old, new)))
        for number, language, section, headline, old, new in _SHORT
    ),
)


def content(story: Story, text: Sequence[str]) -> Content:
    """A text of a story as the extractor would give it."""
    headline, teaser, *paragraphs = text
    blocks = [Block(kind=_kind(paragraph), text=paragraph) for paragraph in paragraphs]
    return Content(
        headline=headline,
        kicker=f"{story.section} | Tarnow",
        teaser=teaser,
        authors=("Mara Beispiel",),
        place="",
        published="2026-03-02T07:30:00Z",
        language=story.language,
        blocks=tuple(blocks),
        layout="dw-2026",
    )


def _kind(paragraph: str) -> BlockKind:
    return BlockKind.NOTE if paragraph.startswith("Correction:") else BlockKind.PARAGRAPH


def look(article: Article, at: datetime, found: Content) -> Look:
    """A look that showed a text."""
    return Look(
        requested_url=article.url,
        final_url=article.url,
        article=article,
        started=at,
        answered=at,
        status=200,
        headers=(("content-type", "text/html; charset=utf-8"),),
        body=f"<!doctype html><title>{found.headline}</title><p>{at.isoformat()}</html>".encode(),
        content=found,
        fingerprint="invented",
        ip="192.0.2.7",
    )


def without_text(article: Article, at: datetime, outcome: Outcome, reason: str, status: int | None) -> Look:
    """A look that showed none."""
    return Look(
        requested_url=article.url,
        article=article,
        started=at,
        answered=at if status else None,
        status=status,
        outcome=outcome,
        reason=reason,
    )


def settle(store: Store) -> None:
    """Make the comparisons owed, as the scheduler does."""
    for owed in store.owed():
        old, new = store.version(owed.article, owed.old), store.version(owed.article, owed.new)
        assert old is not None
        assert new is not None
        assessment = assess(old.content, new.content)
        store.settle(
            owed,
            assessment if assessment.diff.changed else None,
            summary=summarise(assessment),
            headline=new.content.headline or "",
            observed_after=old.last_seen,
            observed_by=new.first_seen,
            differ=FINGERPRINT,
        )


def build(path: Path) -> Path:
    """The whole newsroom in a fresh database."""
    with Store.open(path) as store:
        for index, story in enumerate(STORIES):
            _publish(store, story, START + timedelta(minutes=7 * index))
        _troubles(store)
        saved = replace(content(CLOCKS, CLOCKS.texts[0]), headline="Ein Dorf stellt die Uhren ab")
        seed, _ = store.add_seed("kopie.txt", b"...", saved, outlet="dw", language="de", fingerprint="invented")
        store.link_seed(seed.number, CLOCKS.article)
        settle(store)
        store.set_due(CLOCKS.article.id, START + timedelta(days=2))
    return path


def _publish(store: Store, story: Story, at: datetime) -> None:
    for hour, text in enumerate(story.texts):
        for minutes in (0, 40):
            store.record(look(story.article, at + timedelta(hours=3 * hour, minutes=minutes), content(story, text)))


def _troubles(store: Store) -> None:
    clocks, ferry, late = CLOCKS.article, FERRY.article, START + timedelta(hours=10)
    for minutes in range(0, 30, 10):
        at = late + timedelta(minutes=minutes)
        store.record(without_text(clocks, at, Outcome.SET_ASIDE, "bot challenge", 200))
    store.set_url(clocks.id, "https://www.dw.com/de/tarnow-lebt-nach-dem-licht/a-71703301")
    store.add_gap(
        clocks.id,
        late + timedelta(hours=1),
        late + timedelta(hours=5),
        "nobody looked: the service was not running, or behind",
    )
    store.record(without_text(ferry, late, Outcome.FETCH_FAILED, "no complete answer in time", None))
    for hours in (1, 2):
        store.record(without_text(ferry, late + timedelta(hours=hours), Outcome.GONE, "the server answers 410", 410))
    store.add_feed("https://rss.dw.com/rdf/rss-de-all", "feed")
