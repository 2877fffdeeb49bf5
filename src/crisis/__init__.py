"""Crisis playbooks for communications teams: walked live, drilled in CI, proved afterwards."""

__version__ = "0.1.0"
