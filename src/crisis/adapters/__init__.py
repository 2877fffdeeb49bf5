"""Floor 7: everything that touches the world, one family per folder."""
