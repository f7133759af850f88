"""The network guard on every hop, with a reason that a person can read."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from scrapy.exceptions import IgnoreRequest

from crawler.network import Refused, allowed, check, check_addresses, check_form
from crawler.politeness import outlet_slot


class GuardMiddleware:
    """Refuses what may not be asked, before the connection and by the peer that answered."""

    async def process_request(self, request: Any) -> None:
        """Scheme and form of the URL; the address is checked by the resolver."""
        if request.url.startswith("data:") and os.environ.get("SCRAPY_CHECK"):
            return
        try:
            if not allowed(*check_form(request.url)):
                # the resolver refuses too, but can only say "no address"; here the reason can be told
                await asyncio.to_thread(check, request.url)
        except Refused as error:
            raise IgnoreRequest(str(error)) from None
        before = request.meta.get("redirect_urls", ())
        if before and before[-1].startswith("https:") and not request.url.startswith("https:"):
            # whoever sits on the way may answer in the outlet's place from here on
            raise IgnoreRequest(f"redirected from https to http, which is not followed: {request.url}")
        request.meta["download_slot"] = outlet_slot(request.url)

    async def process_response(self, request: Any, response: Any) -> Any:
        """The peer's address, as a second line behind the resolver."""
        if response.ip_address is not None:
            host, port = check_form(request.url)
            try:
                check_addresses(host, port, [str(response.ip_address)])
            except Refused as error:
                raise IgnoreRequest(str(error)) from None
        return response
