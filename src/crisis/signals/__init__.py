"""Floor 3: what normal looks like, learned from counts over time, and the moments that are not normal.

One pass, constant memory, nothing known of the future. `docs/signals.md` tells how it works and how well.
"""
