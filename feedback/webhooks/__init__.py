"""What an organisation's own systems are told, and how it reaches them."""
