"""Queries by noun: session first, organisation next. Whatever selects stands here or in pages."""
