"""Words: reading lyrics, counting syllables, and writing lyrics when there are none."""
