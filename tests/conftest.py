"""For all tests."""

from hypothesis import settings

# a law is held or broken, never late: how long an example takes says something of the machine only
settings.register_profile("laws", deadline=None)
settings.load_profile("laws")
