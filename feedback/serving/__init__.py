"""How the product is served: bodies are read before a thread is given, and processes share what they loaded."""
