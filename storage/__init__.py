"""Keep: the vocabulary, the database and the evidence."""

from storage.captures import Recorded
from storage.changes import Owed
from storage.following import Due, Feed
from storage.store import Store

__all__ = ["Due", "Feed", "Owed", "Recorded", "Store"]
