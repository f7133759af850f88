"""A local site that behaves like dw.com: one implementation for the demo, the tests and the benchmarks."""

from crawler.localsite.rendering import render
from crawler.localsite.site import Site

__all__ = ["Site", "render"]
