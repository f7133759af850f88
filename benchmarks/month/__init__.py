"""A month of the service in minutes: the clock is simulated, everything else is real."""
