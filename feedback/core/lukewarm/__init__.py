"""Hearing "fine" in ratings and in words."""
