"""Past feedback from another tool."""
