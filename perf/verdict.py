# SPDX-License-Identifier: MIT
"""From figures to a verdict, by rule and without a machine: the same bench.json gives the same verdict.

A criterion is met when the whole interval of its ratio is at or below what it allows, missed when the whole
interval is above, else open. Accepted: everything met and the check passed. Rejected: the success metric or
a guardrail missed, or the check failed. Undecided: the rest; it is an answer, too.
"""
from dataclasses import dataclass
from typing import Any

from bench.estimate import Ratio
from perf import check, pairs
from perf.thesis import ACCEPTED, REJECTED, UNDECIDED, Criterion, criterion_text

MET, MISSED, NOT_DECIDED = "met", "missed", "not decided"


@dataclass(frozen=True)
class Judgement:
    criterion: Criterion
    ratio: Ratio | None
    outcome: str

    def __str__(self) -> str:
        found = str(self.ratio) if self.ratio else "not measured"
        return f"{criterion_text(self.criterion)}: {self.outcome}, {found}"


def judge(criterion: Criterion, benched: dict[str, Any]) -> Judgement:
    found = pairs.ratio(benched, criterion["workload"], criterion["measure"])
    limit = criterion["at_most_ratio"]
    if found is None:
        outcome = NOT_DECIDED
    elif found.high <= limit:
        outcome = MET
    elif found.low > limit:
        outcome = MISSED
    else:
        outcome = NOT_DECIDED
    return Judgement(criterion, found, outcome)


def decide(criteria: list[Criterion], benched: dict[str, Any], checked: dict[str, Any]) -> tuple[str, list[str]]:
    """The verdict and its reasons, the success metric's first."""
    judgements = [judge(criterion, benched) for criterion in criteria]
    failed = check.failures(checked)
    reasons = [*(str(judgement) for judgement in judgements), *failed]
    outcomes = {judgement.outcome for judgement in judgements}
    if failed or MISSED in outcomes:
        return REJECTED, reasons
    return (ACCEPTED if outcomes == {MET} else UNDECIDED), reasons
