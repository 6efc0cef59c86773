"""Tryton 7 and later, over its JSON-RPC.

Accounts are ``res.user``; entitlements are the roles of the ``user_role`` module with their dates,
or, with the option ``entitlements: groups``, the groups themselves; scope is the company.
"""

from erpsync.connectors.tryton.connector import TrytonConnector

__all__ = ["TrytonConnector"]
