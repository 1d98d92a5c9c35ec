"""The one exception that users are meant to see."""


class ProvriskError(Exception):
    """Something the user can mend, in one sentence: what is wrong, where, and what to do."""
