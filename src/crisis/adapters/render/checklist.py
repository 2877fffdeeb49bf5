"""A checklist as Markdown task lists."""

from __future__ import annotations

from crisis.adapters.render.markdown import Page
from crisis.projections.checklist import Checklist, Task


def to_markdown(checklist: Checklist) -> str:
    """One page, the same bytes for the same checklist."""
    page = Page("DRILL" if checklist.drill else "")
    page.heading(1, f"Checklist: {checklist.title}")
    for text in checklist.about:
        page.paragraph(text)
    if checklist.clocks:
        page.heading(2, "Clocks")
        for name, rule in checklist.clocks:
            page.bullet(rule, lead=f"{name}:")
    for phase, tasks in checklist.phases:
        page.heading(2, phase.capitalize())
        for task in tasks:
            _add(page, task)
    if not checklist.phases:
        page.paragraph("No step of this playbook is left with that choice.")
    if checklist.do_not:
        page.heading(2, "Never")
        for text in checklist.do_not:
            page.bullet(text)
    return page.text()


def _add(page: Page, task: Task) -> None:
    result = f" · {task.result}" if task.result else ""
    page.task(f"{task.role}{result}", done=task.done, lead=task.title)
    for line in task.lines:
        if line.done is None:
            page.bullet(line.text, 1)
        else:
            page.task(line.text, 1, done=line.done)
