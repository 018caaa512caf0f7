"""The nouns: frozen dataclasses and the rules that need nothing but them. Standard library only."""
