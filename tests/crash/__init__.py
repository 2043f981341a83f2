"""The real server under load, killed again and again: what was acknowledged must be there."""
