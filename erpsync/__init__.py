"""erpsync: GitOps for ERP access."""

__version__ = "0.1.0"
