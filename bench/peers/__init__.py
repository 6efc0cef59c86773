"""What others cost on the same work: ``python -m bench peers``.

Each tool compares what files say of the users of the invented company with what it last wrote or what
PostgreSQL has, and changes nothing. None of them knows assignments with dates, positions or policies; so each
gets what it has a word for, one entry a user.
"""
