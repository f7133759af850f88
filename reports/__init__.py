"""Say what changed: diff, ranking, views and renderings."""
