"""Weeks, quarters and working days in an organisation's time zone."""
