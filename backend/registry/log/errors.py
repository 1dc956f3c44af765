"""Why a proof cannot be given."""

from backend.kernel.errors import Invalid, NotFound


class LeafUnknown(NotFound):
    """No operation of this hash has a place in the tree yet, or none is under that head."""

    code = "LEAF_UNKNOWN"


class HeadUnknown(NotFound):
    """No head was signed yet, or none of this number."""

    code = "HEAD_UNKNOWN"


class HashUnreadable(Invalid):
    """Not 32 octets in hexadecimal digits."""

    code = "HASH_UNREADABLE"


class TreeSizeUnknown(Invalid):
    """No signed head is as large as that, or the first is larger than the second."""

    code = "TREE_SIZE_UNKNOWN"
