"""The client's ratings compared with the rep's guesses, and what to practise."""
