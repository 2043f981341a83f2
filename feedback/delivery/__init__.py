"""What leaves the house by itself: mail, and the worker that sends it and keeps the calendar."""
