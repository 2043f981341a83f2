"""Every write: load, apply the rules of the core, save. A file per noun."""
