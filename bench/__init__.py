"""What erpsync costs for a large company: ``python -m bench``."""
