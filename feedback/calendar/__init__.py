"""A rep's own calendar (.ics), and meetings that start from it."""
