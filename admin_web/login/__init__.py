"""Coming in and going out; the reader's language."""
