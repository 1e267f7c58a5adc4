"""From request to result: start, submit, refresh, ingest, and the ticker that never forgets."""
