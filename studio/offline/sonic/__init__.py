"""The sonic family behind its addresses: songs and edits, recordings, questions that are answered at once."""
