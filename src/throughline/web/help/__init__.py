"""Help: the documents of this application, read inside it, and which of them fits a page."""
