"""The score: from ratings to points, and from points to relationships, reps and ranks."""
