"""From ratings to points, from points to relationships, reps and ranks."""
