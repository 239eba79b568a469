"""Usage fees and the workbook of cloud costs."""
