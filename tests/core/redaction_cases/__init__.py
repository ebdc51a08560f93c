"""Documents that try to get a secret past the redactor; every secret is made by a seeded generator."""
