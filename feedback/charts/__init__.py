"""Charts drawn on the server: plain numbers and paths for SVG templates."""
