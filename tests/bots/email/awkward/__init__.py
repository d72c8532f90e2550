"""The corpus, by what makes a mail awkward."""
