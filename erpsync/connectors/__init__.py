"""Connectors: one per kind of ERP, found by entry point."""
