"""An outlet in figures: how many articles change, how late, what, and with or without a note; each with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from reports.site import selections
from reports.site.addresses import from_file_name
from reports.site.documents import Document, NoSuchPage
from reports.site.view import View
from reports.statistics import Share, wilson
from storage.numbers import DELAYS, OutletNumbers
from storage.types import Disclosure


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a picture: what it is and how large a share."""

    label: str
    share: Share


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture with its table: shares of the same whole, and in one sentence what they rest on."""

    id: str
    title: str
    unit: str
    rests_on: str
    bars: list[Bar]


def outlet(view: View, name: str) -> Document:
    """The page."""
    outlet = from_file_name(name)
    if outlet not in view.store.outlets():
        raise NoSuchPage(f"no outlet {outlet!r} is known")
    numbers = view.store.outlet_numbers(outlet)
    return view.render(
        "outlet.html",
        outlet=outlet,
        numbers=numbers,
        plan=next((row for row in view.store.plan_kept() if row["outlet"] == outlet), None),
        figures=_figures(view, numbers),
        selection=selections.name_of("outlet", outlet),
    )


def _figures(view: View, numbers: OutletNumbers) -> list[Figure]:
    return [_changing(view, numbers), _disclosed(view, numbers), _delayed(view, numbers), _kinds(view, numbers)]


def _changing(view: View, numbers: OutletNumbers) -> Figure:
    return Figure(
        id="articles",
        title=view.say("figure_articles"),
        unit=view.say("unit_articles"),
        rests_on=view.say(
            "figure_articles_basis", watched=view.decimal(numbers.watched), articles=view.decimal(numbers.articles)
        ),
        bars=[
            Bar(label=view.say("any_change"), share=wilson(numbers.changed, numbers.watched)),
            Bar(label=view.say("substantive_change"), share=wilson(numbers.substantive, numbers.watched)),
        ],
    )


def _disclosed(view: View, numbers: OutletNumbers) -> Figure:
    total = sum(numbers.disclosures.values())
    found = [(value, numbers.disclosures.get(value, 0)) for value in Disclosure]
    return Figure(
        id="notes",
        title=view.say("figure_notes"),
        unit=view.say("unit_changes"),
        rests_on=view.say("figure_notes_basis", total=view.decimal(total)),
        bars=[
            Bar(label=view.name("disclosure", value), share=wilson(count, total))
            for value, count in found
            if count or value is not Disclosure.NOT_NEEDED
        ],
    )


def _delayed(view: View, numbers: OutletNumbers) -> Figure:
    total = sum(numbers.delays)
    labels = [view.say("within_hours", hours=DELAYS[0])]
    labels += [view.say("between_hours", low=low, high=high) for low, high in ((1, 6), (6, 24))]
    labels += [view.say("between_days", low=1, high=3), view.say("between_days", low=3, high=7)]
    labels += [view.say("later_than_days", days=7)]
    return Figure(
        id="delay",
        title=view.say("figure_delay"),
        unit=view.say("unit_changes"),
        rests_on=view.say("figure_delay_basis", total=view.decimal(total), undated=view.decimal(numbers.undated)),
        bars=[
            Bar(label=label, share=wilson(count, total)) for label, count in zip(labels, numbers.delays, strict=True)
        ],
    )


def _kinds(view: View, numbers: OutletNumbers) -> Figure:
    most = sorted(numbers.kinds.items(), key=lambda item: (-item[1], item[0]))
    return Figure(
        id="kinds",
        title=view.say("figure_kinds"),
        unit=view.say("unit_changes"),
        rests_on=view.say("figure_kinds_basis", total=view.decimal(numbers.changes)),
        bars=[Bar(label=view.kind(kind), share=wilson(count, numbers.changes)) for kind, count in most],
    )
