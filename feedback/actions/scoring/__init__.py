"""Stored numbers, calculated from the history."""
