"""Make the configuration hold: how outlets are asked, and which sources are read."""

from __future__ import annotations

from crawler import politeness
from scheduler.configuration import Configuration, Outlet
from storage import Store

_HOSTS = {"dw": ("dw.com", "www.dw.com", "rss.dw.com", "amp.dw.com", "p.dw.com")}


def prepare(store: Store, configuration: Configuration) -> None:
    """Keep to this configuration from now on."""
    pace(configuration)
    store.configure_feeds(configuration.sources())


def pace(configuration: Configuration) -> None:
    """Ask outlets as the configuration says."""
    paces = {
        slot(name): politeness.Pace(delay=outlet.delay, hosts=hosts(name, outlet))
        for name, outlet in configuration.outlets.items()
    }
    politeness.configure(configuration.contact, paces)


def slot(outlet: str) -> str:
    """The name under which an outlet's requests are paced and counted."""
    return "dw.com" if outlet == "dw" else outlet


def languages(configuration: Configuration) -> set[str]:
    """The languages whose articles are wanted."""
    return {language for outlet in configuration.outlets.values() for language in outlet.languages}


def hosts(name: str, outlet: Outlet) -> tuple[str, ...]:
    """The hosts (``host`` or ``host:port``) of an outlet that the configuration calls by this name."""
    return tuple(host.lower() for host in outlet.hosts) or _HOSTS.get(name, (name,))
