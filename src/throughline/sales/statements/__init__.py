"""Statements of work as words: their Markdown, what is wrong with a draft, what changed, the PDF.

Nothing here reads or writes a row.
"""
