"""Beyond Doughnuts: six taps, a sealed guess, and the gap between them."""

__version__ = "0.1.0"
