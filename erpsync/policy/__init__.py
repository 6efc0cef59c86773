"""The rules that declared and live access are held against."""
