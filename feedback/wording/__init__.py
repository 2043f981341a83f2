"""How things are called and written: labels, numbers, dates, languages."""
