"""The administrative file that goes with a forwarded complaint (M §53): one ZIP, the same octets each time.

It holds the complaint as it was lodged and the citizen's pictures, with the SHA-256 of each in
`contents.json`. What is signed for is its hash: a file that changed in between is not forwarded.
"""

import io
import zipfile
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from backend.egov_adapter.complaint.model import ComplaintRow

_ZERO = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can name: no clock of ours stands in it


def packed(row: ComplaintRow, text: str, pictures: Sequence[tuple[int, bytes]]) -> bytes:
    """The file's octets; of equal contents always equal."""
    complaint = msgspec.json.encode(
        {
            "complaint_id": row.complaint_id,
            "tracking_number": row.tracking_number,
            "route": row.route,
            "registered_at": row.registered_at,
            "text": text,
        },
        order="sorted",
    )
    parts = [("complaint.json", complaint)]
    parts += [(f"picture-{no}.jpg", octets) for no, octets in pictures]
    contents = msgspec.json.encode(
        [{"name": name, "sha256": sha256(octets).hexdigest()} for name, octets in parts]
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, octets in [("contents.json", contents), *parts]:
            archive.writestr(zipfile.ZipInfo(name, _ZERO), octets)
    return out.getvalue()
