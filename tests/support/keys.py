"""The secret key of every app and database that tests make."""

KEY = "k" * 40
KEYS = (KEY,)
