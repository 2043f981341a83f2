"""The rules. Standard library only: no web, no database, no clock. Time is always an argument."""
