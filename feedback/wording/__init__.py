"""How things are named and written on pages: labels, numbers, dates, languages."""
