"""The exception for errors that users can correct."""

import errno

from provrisk.text import plain

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
NO_LEAVE = {errno.EROFS, errno.EACCES, errno.EPERM}


class ProvriskError(Exception):
    """An error that the user can correct, in one sentence: what is wrong, where, and what to do.

    Names in it may come from any file: they are made safe to show. ``status`` and ``exit_code`` are what a
    command that ends in it tells a script.
    """

    status = "failed"
    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(plain(message))


class LockedError(ProvriskError):
    """Another job is running on the same study: try the same call later."""

    status = "locked"
    exit_code = 75  # EX_TEMPFAIL of sysexits.h: try again later


class NothingNewError(ProvriskError):
    """The requested result is already there: not a mistake."""

    status = "unchanged"
    exit_code = 4


class StopError(ProvriskError):
    """The data are not good enough for the request, and nothing was made: a person must check them."""

    status = "stopped"
    exit_code = 3


def refused(error: OSError, where: object = None) -> ProvriskError | None:
    """The message for a disk that is full or cannot be written to (at ``where``); None for any other error."""
    place = where or error.filename
    if error.errno in NO_ROOM:
        on = f" for {place}" if place else ""
        return ProvriskError(f"The disk is full{on}: free some space and try again; finished parts are stored.")
    if error.errno in NO_LEAVE:
        return ProvriskError(
            f"{place or 'A file'} cannot be read or written ({error.strerror}): change its permissions or use another "
            "folder."
        )
    return None


def of_system(error: OSError) -> ProvriskError:
    """The message for any other system error with a file, which the user can correct."""
    at = f"{error.filename}: " if error.filename else ""
    return refused(error) or ProvriskError(f"{at}{error.strerror or error}: check the path and its permissions.")
