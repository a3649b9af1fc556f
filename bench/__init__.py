"""Performance and quality figures; every figure in README comes from a command here."""
