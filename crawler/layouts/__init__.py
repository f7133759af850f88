"""One module a page family; each says whether a page is of its kind, and reads it. A new outlet is one more module."""
