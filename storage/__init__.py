"""Keep: the vocabulary, the database and the evidence."""
