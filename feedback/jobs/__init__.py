"""Work that becomes due as time passes; each job opens its own changes, a batch at a time."""
