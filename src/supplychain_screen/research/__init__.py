"""What a report says: its supplier table, its rating standard, its own call."""
