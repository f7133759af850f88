"""Scrapy's settings, a reason for each. Environment: ZAESUR_DB, ZAESUR_CONTACT, ZAESUR_DELAY, ZAESUR_ALLOW_HOSTS."""

from __future__ import annotations

import os

from crawler.politeness import user_agent

BOT_NAME = "zaesur"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
ZAESUR_DB = os.environ.get("ZAESUR_DB") or "zaesur.db"

# who asks, and how often
USER_AGENT = user_agent()  # honest, with a contact
ROBOTSTXT_OBEY = False  # obeyed by our own middleware: Scrapy's crawls on when robots.txt answers 503
CONCURRENT_REQUESTS = 1  # one that waited for the answer to another would not hear that it must not leave any more
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # one connection to an outlet
CONCURRENT_ITEMS = 1  # a look is one item; Scrapy starts a hundred tasks for each answer
DOWNLOAD_DELAY = 0  # the pace is kept by crawler.politeness, across crawlers; Scrapy's starts anew with each crawl
RETRY_ENABLED = False  # a look is one request; Scrapy repeats a "Retry-After: 3600" after 25 ms

# what is asked and what is kept
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, br, zstd",
}
COMPRESSION_ENABLED = False  # the coded bytes are the evidence; Scrapy's decoder takes half a gzip for whole
HTTPERROR_ALLOW_ALL = True  # a 404 is an observation, not an error
REDIRECT_MAX_TIMES = 5  # enough for http -> https -> slug; more is a loop
COOKIES_ENABLED = False  # the same page for every look
REFERER_ENABLED = False  # nobody needs to know which page led here
METAREFRESH_ENABLED = False  # a page's own text must not send us elsewhere
HTTPCACHE_ENABLED = False  # the store holds validators and pages; while fresh, this cache would not ask at all

# limits
DOWNLOAD_TIMEOUT = 60  # seconds for the whole answer, so a dripping server ends too
DOWNLOAD_MAXSIZE = 20 << 20  # Scrapy allows 1 GiB
DOWNLOAD_WARNSIZE = 0  # talk without use
DOWNLOAD_FAIL_ON_DATALOSS = False  # a cut page is kept, flagged and set aside; failing would throw the evidence away

# safety
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy takes any certificate
DOWNLOAD_TLS_MIN_VERSION = "TLSv1.2"  # older ones prove nothing
DOWNLOAD_HANDLERS: dict[str, str | None] = dict.fromkeys(("data", "file", "ftp", "s3"))  # http and https only
DOWNLOAD_HANDLERS["https"] = "crawler.connections.HTTPSHandler"  # Scrapy's own, which also notes the TLS version
HTTPPROXY_ENABLED = False  # a proxy from the environment would go round the guard
TELNETCONSOLE_ENABLED = False  # opens a port that runs code
REMOTE_CONTROL_ENABLED = False  # same
TWISTED_DNS_RESOLVER = "crawler.network.GuardedResolver"  # of the process: in a spider's settings it would be ignored
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"  # one loop with the scheduler

DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.guard.GuardMiddleware": 50,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.retryafter.RetryAfterMiddleware": 560,
    "crawler.middlewares.ledger.LedgerMiddleware": 950,  # next to the downloader: sees what really left
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # the guard decides where we may go
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,  # no passwords
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,  # the ledger counts
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # all answers are allowed
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # a long address is looked at, not dropped without a word
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # a look follows nothing; discovery counts for itself
}
ITEM_PIPELINES = {"crawler.pipelines.KeepPipeline": 300}
LOG_LEVEL = "WARNING"  # what was done is in the items and in the store
EXTENSIONS = {"scrapy.extensions.logstats.LogStats": None}  # same
