"""One change as a bundle that a stranger can check without us: pages, records, texts, diff, statement, verifier."""
