"""The example organisation."""
