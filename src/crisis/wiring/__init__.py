"""Floor 8: composition roots; they choose the adapters, and decide nothing else."""
