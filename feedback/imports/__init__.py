"""Import of people, accounts and past feedback from CSV files: all rows or none."""
