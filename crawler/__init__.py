"""Fetch and extract: spiders, page knowledge, the way from a served page to what the article says."""
