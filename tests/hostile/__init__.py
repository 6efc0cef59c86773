"""Pull requests made to do harm: none gets access without approvals, and none is told a secret."""
