"""The one contract that every connector keeps, over every ERP that can be reached."""
