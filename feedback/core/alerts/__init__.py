"""Why an alert is opened, and how well alerts are handled."""
