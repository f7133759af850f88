"""The report pages as documents, free of any server: the live reports and the exported ones are made here, by the same code."""

from reports.site.documents import Document, NoSuchPage, Reading, Visitor
from reports.site.pages import Site

__all__ = ["Document", "NoSuchPage", "Reading", "Site", "Visitor"]
