"""Floor 9: parse, delegate, print."""
