"""The one exception that users are meant to see."""

import errno

from provrisk.text import plain

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
NO_LEAVE = {errno.EROFS, errno.EACCES, errno.EPERM}


class ProvriskError(Exception):
    """Something the user can mend, in one sentence: what is wrong, where, and what to do.

    Names in it may come from a stranger's file: they are made fit to be shown. ``status`` and ``exit_code`` are what a
    command that ends in it tells a script.
    """

    status = "failed"
    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(plain(message))


class LockedError(ProvriskError):
    """Another job is at work on the same study: nothing is wrong, and the same call may be tried later."""

    status = "locked"
    exit_code = 75  # EX_TEMPFAIL of sysexits.h: try again later


class NothingNewError(ProvriskError):
    """What was asked for is there already: a sentence, and no mistake of anybody's."""

    status = "unchanged"
    exit_code = 4


class StopError(ProvriskError):
    """The data do not bear what was asked, so that nothing was made of them: somebody has to look."""

    status = "stopped"
    exit_code = 3


def refused(error: OSError, where: object = None) -> ProvriskError | None:
    """The sentence for a disk that is full or may not be written to (at ``where``); None for any other error."""
    place = where or error.filename
    if error.errno in NO_ROOM:
        on = f" for {place}" if place else ""
        return ProvriskError(f"No room is left on the disk{on}: make some and call again; what was finished is kept.")
    if error.errno in NO_LEAVE:
        return ProvriskError(
            f"{place or 'A file'} may not be read or written ({error.strerror}): change its rights, or work in a "
            "folder of yours."
        )
    return None


def told(error: OSError) -> ProvriskError:
    """The sentence for whatever the system would not do with a file: it is the user's to mend, too."""
    at = f"{error.filename}: " if error.filename else ""
    return refused(error) or ProvriskError(f"{at}{error.strerror or error}: check the path and its permissions.")
