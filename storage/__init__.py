"""Keep: the vocabulary, the database and the evidence."""

from storage.captures import Recorded
from storage.changes import Owed
from storage.following import Due, Feed
from storage.outbox import Message, Notice
from storage.store import Store

__all__ = ["Due", "Feed", "Message", "Notice", "Owed", "Recorded", "Store"]
