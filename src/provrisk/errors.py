"""The one exception that users are meant to see."""

from provrisk.text import plain


class ProvriskError(Exception):
    """Something the user can mend, in one sentence: what is wrong, where, and what to do.

    Names in it may come from a stranger's file: they are made fit to be shown.
    """

    def __init__(self, message: str) -> None:
        super().__init__(plain(message))
