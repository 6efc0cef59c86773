"""Business roles found in who holds what: proposals that change nobody's access. Pure."""
