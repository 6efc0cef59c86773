"""Stand-ins for ERPs: each speaks the protocol of one, about generated accounts that it keeps in memory.

They answer as fast as they can and check little: what is measured is the connector, not an ERP.
"""
