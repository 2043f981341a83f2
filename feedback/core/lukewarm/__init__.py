"""Detection of lukewarm answers ("fine") in ratings and in words."""
