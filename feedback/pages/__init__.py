"""What a page or a mail shows, read for its viewer: a file per page."""
