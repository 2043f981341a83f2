"""Blueprints by actor. Views translate: load and authorise, validate, call one action, render."""
