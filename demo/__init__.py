"""A small but real ERP to try erpsync on: a Tryton server on SQLite, with companies, roles and people."""
