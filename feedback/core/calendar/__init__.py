"""Weeks, quarters and working days, by the clocks of an organisation."""
