"""What officials (and the clock) do to a report: one move, one transaction (sop.md §5)."""

from core.casework.inputs import Inputs, Part
from core.casework.moving import Decision, act, act_as_system, perform
from core.casework.registering import register
from core.casework.seeing import case_for, case_of_report

__all__ = ["Decision", "Inputs", "Part", "act", "act_as_system", "case_for", "case_of_report", "perform", "register"]
