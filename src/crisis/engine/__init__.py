"""Floor 3: what an incident is. Events, their fold, the commands that cause them, clocks. Pure."""
