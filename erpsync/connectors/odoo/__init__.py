"""Odoo 16 to 19: users, groups or roles of base_user_role, companies."""

from erpsync.connectors.odoo.connector import OdooConnector

__all__ = ["OdooConnector"]
