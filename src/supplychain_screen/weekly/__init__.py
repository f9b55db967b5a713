"""The scheduled run: one folder a week, and why each number moved."""
