"""Stored numbers, recomputed from their own history."""
