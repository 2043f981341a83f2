"""One open alert per relationship: given reasons, dealt with by people, mailed."""
