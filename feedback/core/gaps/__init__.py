"""What the client said against what the rep guessed, and what to practise."""
