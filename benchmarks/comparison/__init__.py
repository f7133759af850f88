"""The comparison measured: scripted edits with known truth, ours beside well-known tools."""
