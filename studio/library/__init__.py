"""The team's clips: lists, search, what can be taken away from a clip."""
