"""What comes out: the same facts as text, Markdown, JSON."""
