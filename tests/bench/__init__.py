"""Figures, not tests: `python -m tests.bench` prints all, `python -m tests.bench library poll` some of them.

Each works in a temporary data folder of its own, with the real web server, and never fails on a time.
"""
