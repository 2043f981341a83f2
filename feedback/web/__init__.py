"""The web pages, a blueprint per noun. A view loads and authorises, validates, calls one action, and
renders."""
