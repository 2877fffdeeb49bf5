"""Helpers under tests/support, as fixtures: in importlib mode nothing under tests can be imported by name."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from crisis.adapters.journal.memory import MemoryJournal


def _support(name: str) -> ModuleType:
    spec = spec_from_file_location(f"crisis_tests_{name}", Path(__file__).parent / "support" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def cases() -> ModuleType:
    """tests/support/cases.py: a small playbook, and incidents that run on it."""
    return _support("cases")


@pytest.fixture
def story(cases: ModuleType):
    """An incident that has just been opened, in memory."""
    return cases.Story(MemoryJournal())


@pytest.fixture(scope="session")
def closed(cases: ModuleType):
    """An incident that was walked to its close; only to be read."""
    return cases.whole(cases.Story(MemoryJournal()))


@pytest.fixture(scope="session")
def sources() -> ModuleType:
    """tests/support/sources.py: stand-ins for what is watched, on this machine only."""
    return _support("sources")


@pytest.fixture(scope="session")
def standins() -> ModuleType:
    """tests/support/standins.py: posts of our own, written as each source writes them."""
    return _support("standins")


@pytest.fixture(scope="session")
def exports() -> ModuleType:
    """tests/support/exports.py: exports of a monitoring tool that tell a story."""
    return _support("exports")


@pytest.fixture(scope="session")
def desktops() -> ModuleType:
    """tests/support/desktops.py: a desktop of our own that shows notifications."""
    return _support("desktops")
