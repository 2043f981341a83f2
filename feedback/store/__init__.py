"""Every query, a file per noun: session first, organisation next."""
