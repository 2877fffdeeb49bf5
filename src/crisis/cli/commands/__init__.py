"""One command per file: it parses, hands over to its use case, and prints."""
