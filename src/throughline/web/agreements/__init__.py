"""Agreements: documents, signatures, terms as of a day."""
