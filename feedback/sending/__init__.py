"""The worker process: it sends the mails and webhook messages that are due, and runs the jobs that are
due."""
