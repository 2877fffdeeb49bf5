"""Floor 3: what is said: channels and how they count, slots of a first message, templates, wording by language."""
