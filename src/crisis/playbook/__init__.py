"""Floor 2: the files people write, read strictly and with positions, as frozen data."""
