"""``python -m crawler.localsite [--port 8000]``: an invented Deutsche Welle on loopback, to try the command by hand."""

from __future__ import annotations

import argparse
import threading
from contextlib import suppress

from crawler.localsite.behaviours import BEHAVIOURS
from crawler.localsite.site import Site
from storage.types import Block, BlockKind, Content

_TEXTS = {
    "de": ("Ein Dorf ohne Uhren", "Seit drei Wochen richtet sich der Ort nach dem Licht. 12 Häuser machen mit."),
    "en": ("A village without clocks", "For three weeks the village has lived by the light. 12 houses take part."),
    "ar": ("قرية بلا ساعات", "منذ ثلاثة أسابيع تعيش القرية وفق الضوء. يشارك 12 بيتا."),
    "uk": ("Село без годинників", "Уже три тижні село живе за світлом. Беруть участь 12 будинків."),
    "zh": ("没有钟表的村庄", "三个星期以来，村子按日光作息。有12户人家参加。"),
}


def site() -> Site:
    """A site with an article in each of five languages."""
    made = Site(validators=True)
    for number, (language, (headline, text)) in enumerate(_TEXTS.items(), start=71_000_001):
        blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=f"{text} ({n})") for n in range(1, 6))
        content = Content(headline=headline, teaser=text, authors=("Nora Feldkamp",), language=language, blocks=blocks)
        made.publish(content, number=number, slug="x")
    return made


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m crawler.localsite", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="default 8000; 0 takes a free one")
    parser.add_argument("--behave", choices=sorted(BEHAVIOURS), help="answer badly for the first article")
    arguments = parser.parse_args()
    made = site()
    made.misbehave(71_000_001, arguments.behave)
    with made.serving(arguments.port) as base_url, suppress(KeyboardInterrupt):
        print(f"{base_url}/  feed: /atom.xml  sitemap: /sitemap_index.xml", flush=True)
        print(f"export ZAESUR_ALLOW_HOSTS={base_url.partition('//')[2]} ZAESUR_DELAY=0", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
