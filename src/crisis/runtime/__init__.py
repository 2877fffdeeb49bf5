"""Floor 6: the one loop, and the ports it knows of the outside world."""
