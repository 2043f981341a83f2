"""Evidence: the sections of the page, each worked out by the worker and stored."""
