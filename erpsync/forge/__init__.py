"""Facts about the commit behind the access files."""
