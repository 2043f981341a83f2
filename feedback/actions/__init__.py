"""Every write: load, ask the core, save, one transaction. A file per noun."""
