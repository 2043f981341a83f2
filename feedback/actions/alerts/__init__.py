"""One open alert per relationship: given reasons, handled by people, mailed."""
