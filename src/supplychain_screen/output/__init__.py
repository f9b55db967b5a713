"""A screening as something a person reads: page, workbook, charts, text."""
