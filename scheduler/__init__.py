"""Run: configuration, what is due, which pair to compare, jobs and the command line."""
