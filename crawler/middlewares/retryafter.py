"""Retry-After: short waits are kept here, long ones end the look and put the outlet off until then."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from crawler import politeness

SHORT = 20.0  # seconds that a look may wait
_TRIES = 2
_LONGEST = 30 * 86400.0


def seconds_asked(value: str, now: datetime) -> float | None:
    """How long a Retry-After header asks to wait, as seconds or an HTTP date; ``None`` if it says neither."""
    value = value.strip()
    if re.fullmatch("[0-9]+", value):
        return min(float(value[:12]), _LONGEST)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, min((moment - now).total_seconds(), _LONGEST))


class RetryAfterMiddleware:
    """Honours Retry-After on 429 and 503."""

    async def process_response(self, request: Any, response: Any) -> Any:
        """Ask again after a short wait, or put the outlet off and let the answer through; robots.txt is asked again by its own rules."""
        if response.status not in (429, 503):
            return response
        now = datetime.now(UTC)
        seconds = seconds_asked(response.headers.get("Retry-After", b"").decode("latin-1"), now)
        if seconds is None:
            return response
        tries = request.meta.get("retry_after_tries", 0)
        if seconds <= SHORT:
            await politeness.hold(request.url, seconds)
            if request.meta.get("robots"):
                return response
        if seconds <= SHORT and tries < _TRIES:
            meta = {**request.meta, "retry_after_tries": tries + 1}
            return request.replace(meta=meta, dont_filter=True, priority=request.priority + 1)
        until = (now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        request.meta["rate_limited"] = f"rate limited until {until} (status {response.status})"
        await politeness.bar(request.url, seconds, f"rate limited until {until}")
        return response
