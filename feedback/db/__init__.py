"""The database: one engine, rows that stay inside one organisation, locks, bulk writes."""
