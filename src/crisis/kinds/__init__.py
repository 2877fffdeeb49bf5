"""Floor 4: one kind of step per file, each a pure function. A new kind is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crisis.engine.steps import StepKind
from crisis.kinds import (
    action,
    approve,
    assess,
    checklist,
    debrief,
    decision,
    draft,
    freeze,
    measure,
    notify,
    pause,
    publish,
    question,
    resume_posting,
    stand_down,
    statement,
)

KINDS: Mapping[str, StepKind] = {
    "question": question.KIND,
    "checklist": checklist.KIND,
    "assess": assess.KIND,
    "decision": decision.KIND,
    "notify": notify.KIND,
    "freeze": freeze.KIND,
    "resume-posting": resume_posting.KIND,
    "draft": draft.KIND,
    "approve": approve.KIND,
    "publish": publish.KIND,
    "measure": measure.KIND,
    "pause": pause.KIND,
    "action": action.KIND,
    "stand-down": stand_down.KIND,
    "debrief": debrief.KIND,
}

#: What may be written under each kind. A statement is written as one step and compiled into three.
SPECS: Mapping[str, type[Any]] = {
    **{name: kind.spec for name, kind in KINDS.items()},
    "statement": statement.StatementSpec,
}
