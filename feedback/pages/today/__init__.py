"""A manager's day: four questions, a room for each."""
