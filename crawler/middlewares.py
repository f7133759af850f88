"""Between spider and network: the guard on every hop, and robots.txt as RFC 9309 wants it."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser

from crawler.network import check

_DISALLOW_ALL = b"User-agent: *\nDisallow: /\n"


class GuardMiddleware:
    """Refuses what may not be contacted, before it is; redirects pass here again."""

    def process_request(self, request: Request) -> None:
        """Raise Refused for a forbidden address or scheme."""
        check(request.url)


class RobotsDisallowed(IgnoreRequest):  # type: ignore[misc]  # Scrapy is untyped
    """robots.txt forbids the page, or could not be read."""


class RobotsMiddleware(RobotsTxtMiddleware):  # type: ignore[misc]  # Scrapy is untyped
    """robots.txt by RFC 9309: 4xx allows all, 5xx and network errors forbid all."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._problems: dict[str, str] = {}

    def process_request_2(self, rp: Any, request: Request) -> None:
        """Refuse with the reason: forbidden, or robots.txt could not be read."""
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest:
            problem = self._problems.get(request.url.split("/")[2])
            raise RobotsDisallowed(problem or "robots.txt forbids this page") from None

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            self._problems[netloc] = f"robots.txt answers {response.status}, which forbids all"
            response = response.replace(body=_DISALLOW_ALL)
        elif response.status >= 300:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._problems[netloc] = f"robots.txt could not be read: {reason_of(exc)}"
        waiting = self._parsers[netloc]
        parser = ProtegoRobotParser(_DISALLOW_ALL, None)
        self._parsers[netloc] = parser
        waiting.callback(parser)


def reason_of(error: BaseException) -> str:
    """An error in one line for people."""
    name, text = type(error).__name__, " ".join(str(error).split())
    known = {
        "DNSLookupError": "the host name is not known",
        "CannotResolveHostError": "the host name is not known",
        "ConnectionRefusedError": "connection refused",
        "DownloadConnectionRefusedError": "connection refused",
        "TimeoutError": "no answer in time",
        "DownloadTimeoutError": "no answer in time",
        "TCPTimedOutError": "no answer in time",
        "NoRouteError": "no route to the host",
    }
    return known.get(name) or text or name
