"""What comes due by itself as time passes; each opens its own changes, a batch at a time."""
