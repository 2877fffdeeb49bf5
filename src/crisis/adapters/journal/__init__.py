"""The journal, the only truth: one port, an adapter that lasts (`sqlite`) and one that does not (`memory`)."""
