"""Odoo: pure parts, its answers, and its traps."""
