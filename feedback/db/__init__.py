"""The database: the engine, joins within one organisation, locks, bulk writes."""
