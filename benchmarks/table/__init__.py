"""One table: Zäsur beside Scrapy alone, Scrapy with trafilatura, and well-known trackers of web pages."""
