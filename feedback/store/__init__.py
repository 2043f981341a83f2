"""Queries by noun: session first, organisation next. Statements stand here and in pages, nowhere else."""
