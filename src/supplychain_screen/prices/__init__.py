"""What the market did: daily closes with their source, and the checks they pass."""
