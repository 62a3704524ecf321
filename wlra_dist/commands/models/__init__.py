"""Commands that make models small, and large again."""
