"""What is sent to an organisation's own systems, and where to."""
