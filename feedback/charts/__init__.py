"""Drawings made on the server, as plain numbers for SVG templates."""
