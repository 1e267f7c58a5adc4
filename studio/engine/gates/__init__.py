"""The gates: songs are made, measured against engine quality demands, and judged in a table.

`python -m studio.engine.gates` runs them, `.fuzz` throws odd requests at the engine, `.pictures` draws a
song.
"""
