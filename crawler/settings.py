"""Scrapy's settings for this project; what differs from the defaults says why."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Any

from crawler.network import allowed_hosts

BOT_NAME = "zaesur"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
ADDONS: dict[Any, int] = {}

# who we are, and how to reach whoever runs this
_CONTACT = os.environ.get("ZAESUR_CONTACT", "no contact configured")
USER_AGENT = f"zaesur/{version('zaesur')} (news archive; {_CONTACT})"

# polite: one request at a time to an outlet, a pause between two
POLITE_DELAY = 2.0


def delay() -> float:
    """Seconds between two requests to one outlet: ZAESUR_DELAY, else polite."""
    try:
        return max(0.0, float(os.environ.get("ZAESUR_DELAY", "") or POLITE_DELAY))
    except ValueError:
        return POLITE_DELAY


def slots() -> dict[str, dict[str, Any]]:
    """Only hosts that were named as ours may be asked faster than is polite."""
    hosts = {entry.rpartition(":")[0] or entry for entry in allowed_hosts()}
    slot = {"concurrency": 1, "delay": delay(), "randomize_delay": False}
    return {host: dict(slot) for host in hosts}


DOWNLOAD_DELAY = max(1.0, delay())
DOWNLOAD_SLOTS = slots()
CONCURRENT_REQUESTS = 4  # few in flight, so that a stop is quick
CONCURRENT_REQUESTS_PER_DOMAIN = 1
AUTOTHROTTLE_ENABLED = False  # one fixed budget can be proved, a moving one cannot

ROBOTSTXT_OBEY = True
RETRY_ENABLED = False  # a failed look is recorded as one and planned again; Scrapy would retry at once
REDIRECT_MAX_TIMES = 5
HTTPERROR_ALLOW_ALL = True  # every answer is a look, 404 and 503 too
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.GuardMiddleware": 50,
    "crawler.middlewares.RobotsMiddleware": 100,
}
ITEM_PIPELINES = {"crawler.pipelines.RecordPipeline": 100}

# the body is kept as served: Scrapy would accept half a gzip stream without a word
COMPRESSION_ENABLED = False
DOWNLOAD_FAIL_ON_DATALOSS = False  # a cut body is kept and set aside, with its flag
DOWNLOAD_MAXSIZE = 20 << 20  # bytes; the default is 1 GiB
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = float(os.environ.get("ZAESUR_TIMEOUT", "30"))

# evidence needs to know whom it came from; the default accepts any certificate
DOWNLOAD_VERIFY_CERTIFICATES = True
TWISTED_DNS_RESOLVER = "crawler.network.GuardedResolver"
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}

# nothing that remembers, follows by itself or listens
COOKIES_ENABLED = False
REFERER_ENABLED = False
METAREFRESH_ENABLED = False
HTTPPROXY_ENABLED = False  # proxies from the environment would go round the guard
HTTPCACHE_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # on by default, and runs code
LOG_LEVEL = "WARNING"
LOGSTATS_INTERVAL = 0.0
FEED_EXPORT_ENCODING = "utf-8"
