"""SCIM 2.0 services (RFC 7643, RFC 7644), with the special ways of some products as profiles.

Accounts are Users; entitlements are Groups, or values of `roles` or `entitlements` of the User.
"""

from erpsync.connectors.scim.connector import ScimConnector

__all__ = ["ScimConnector"]
