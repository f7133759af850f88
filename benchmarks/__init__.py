"""One command a claim: prints the figure, its baselines and the ratio from the same run, exits 1 when a stated target is missed."""
