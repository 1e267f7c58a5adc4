"""Numbers and bytes of sound: formats, decoding, peaks, loudness, conversion, timed lyrics. No Django."""
