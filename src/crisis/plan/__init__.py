"""Floor 5: a written playbook and all it refers to become a plan, frozen when an incident opens."""
