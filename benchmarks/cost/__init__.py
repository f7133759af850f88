"""What a look costs, unchanged and changed, beside Scrapy alone and Scrapy with trafilatura on the whole page."""
