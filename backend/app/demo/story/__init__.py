"""The story of the demo: a file per chapter, `tale` puts them in order."""
