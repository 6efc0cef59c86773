"""The live state of a target → declared users and roles that say the same. Pure but for `entries`."""
