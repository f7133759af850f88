"""When to look again: pure decisions (no clock, no database), explained in docs/revisit-policy.md."""

from scheduler.plan.choosing import choose
from scheduler.plan.learning import Observation, learn
from scheduler.plan.model import PAUSE, Model
from scheduler.plan.observing import observe
from scheduler.plan.policies import AGES, LEARNED, Ages, Fixed, Learned, Policy, policy, to_replan
from scheduler.plan.state import Followed, hinted

__all__ = [
    "AGES",
    "LEARNED",
    "PAUSE",
    "Ages",
    "Fixed",
    "Followed",
    "Learned",
    "Model",
    "Observation",
    "Policy",
    "choose",
    "explain",
    "hinted",
    "learn",
    "next_due",
    "observe",
    "policy",
    "to_replan",
    "value",
]

value = LEARNED.value
next_due = LEARNED.next_due
explain = LEARNED.explain
