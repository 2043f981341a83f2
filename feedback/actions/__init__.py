"""Every write: load, ask the core, save. A file per noun."""
