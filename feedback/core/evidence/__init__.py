"""Are we right: what clients then did, held against what the product said before."""
