"""Queries by noun: session first, organisation next. Statements are here and in pages, nowhere else."""
