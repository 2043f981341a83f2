"""The business rules. Standard library only: no web, no database, no clock. The time is always an
argument."""
