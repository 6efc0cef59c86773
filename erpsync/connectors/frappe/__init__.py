"""Frappe and ERPNext, versions 14 to 16, over the REST API with an API key.

Accounts are Users, found by their e-mail address; entitlements are roles, role profiles and, if asked for,
module profiles; User Permissions are the scope.
"""

from erpsync.connectors.frappe.connector import FrappeConnector

__all__ = ["FrappeConnector"]
