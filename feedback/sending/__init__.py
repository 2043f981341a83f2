"""The worker: mails and messages that are due leave here."""
