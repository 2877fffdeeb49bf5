"""Floor 1: what every other floor stands on. Standard library only."""
