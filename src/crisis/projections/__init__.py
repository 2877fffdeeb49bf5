"""Floor 5: what can be read off an incident: brief, timeline, checklist, post-mortem. Pure data out."""
