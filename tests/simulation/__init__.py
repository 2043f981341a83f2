"""A simulator of lives: organisations, phones, people and the world outside, from one seed. See
docs/decisions/0018."""
