"""A blueprint per noun. Views translate: load and authorise, validate, call one action, render."""
