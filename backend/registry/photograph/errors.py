"""Refusals about photographs."""

from backend.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class PhotoUnreadable(Invalid):
    """The file is no whole picture of a kind that is taken: JPEG, PNG or WebP, and one picture only."""

    code = "PHOTO_UNREADABLE"


class PhotoTooLarge(Invalid):
    """The file has too many octets or the picture too many pixels (`most`)."""

    code = "PHOTO_TOO_LARGE"


class PhotoTooSmall(Invalid):
    """A side of the picture has fewer pixels than `least`: nobody recognises a building on it."""

    code = "PHOTO_TOO_SMALL"


class PhotoNotFound(NotFound):
    """There is no such photograph, or it is not for the one who asks."""

    code = "PHOTO_NOT_FOUND"


class PhotoNotUploaded(Invalid):
    """The photograph named is none of the organisation's: upload it first."""

    code = "PHOTO_NOT_UPLOADED"


class TooManyPhotographs(Conflict):
    """The organisation keeps as many photographs as it may (`most`)."""

    code = "PHOTO_TOO_MANY"


class PhotoStoreUnavailable(Unavailable):
    """The photograph cannot be kept or fetched now."""

    code = "PHOTO_STORE_UNAVAILABLE"
