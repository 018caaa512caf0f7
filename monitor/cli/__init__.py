"""The command line: one module a group of verbs. Prints, and calls jobs; nothing is decided here."""
