"""Import of past feedback from another tool."""
