"""What a page or a mail shows, read for whoever looks: a file per page."""
