"""Adding a signature to a PDF as an incremental update: not one octet before it changes.

For files with a classic cross-reference table, which is what we and Typst write; encrypted files
and those with compressed object streams are refused, not guessed at (ISO 32000-1 §7.5.6, §12.8).
"""

import re
from collections.abc import Callable
from datetime import datetime

from backend.signing.seal import syntax
from backend.signing.seal.errors import PdfUnfit
from backend.signing.seal.syntax import Dictionary

MAX_BYTES = 64 * 1024 * 1024
_MAX_SECTIONS, _MAX_OBJECTS, _MAX_PAGES_DEPTH = 64, 1_000_000, 32
_TAIL = 2048
_START = re.compile(rb"startxref[\0\t\n\f\r ]+(\d{1,10})[\0\t\n\f\r ]+%%EOF")
_SUBSECTION = re.compile(rb"(\d{1,10}) (\d{1,7})[ \r\n]+")
_ENTRY_BYTES = 20
_OBJECT = re.compile(rb"(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj")
_HOLE = b"/ByteRange [0 **********" + b" ********** **********]"
_SIGNATURES_EXIST, _APPEND_ONLY = 1, 2
_PRINT, _LOCKED = 4, 128


class Document:
    """A PDF's objects, the newest of each. Raises PdfUnfit for what it does not understand."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) > MAX_BYTES:
            raise PdfUnfit(reason="too large")
        if not raw.startswith(b"%PDF-1.") and not raw.startswith(b"%PDF-2."):
            raise PdfUnfit(reason="not a PDF")
        starts = list(_START.finditer(raw, max(0, len(raw) - _TAIL)))
        if not starts:
            raise PdfUnfit(reason="no end")
        self.raw, self.last_table = raw, int(starts[-1][1])
        self._places: dict[int, int] = {}
        self.trailer = self._read_tables()
        if b"/Encrypt" in self.trailer:
            raise PdfUnfit(reason="encrypted")
        self.size = syntax.whole_number(self.trailer.get(b"/Size"))

    def _read_tables(self) -> Dictionary:
        newest: Dictionary | None = None
        at, seen = self.last_table, set[int]()
        while True:
            if at in seen or len(seen) >= _MAX_SECTIONS:
                raise PdfUnfit(reason="too many tables of objects")
            seen.add(at)
            trailer = self._read_table(at)
            newest = newest or trailer
            if b"/XRefStm" in trailer:
                raise PdfUnfit(reason="compressed objects")
            if b"/Prev" not in trailer:
                return newest
            at = syntax.whole_number(trailer[b"/Prev"])

    def _read_table(self, at: int) -> Dictionary:
        raw = self.raw
        if raw[at : at + 4] != b"xref":
            raise PdfUnfit(reason="no classic table of objects")
        at = syntax.skip_space(raw, at + 4)
        while found := _SUBSECTION.match(raw, at):
            first, count = int(found[1]), int(found[2])
            at = found.end() + count * _ENTRY_BYTES
            if count > _MAX_OBJECTS or at > len(raw):
                raise PdfUnfit(reason="a damaged table of objects")
            for number in range(count):
                place = found.end() + number * _ENTRY_BYTES
                entry = raw[place : place + 18]
                if not re.fullmatch(rb"\d{10} \d{5} [nf]", entry):
                    raise PdfUnfit(reason="a damaged table of objects")
                offset = int(entry[:10]) if entry[-1:] == b"n" else 0
                self._places.setdefault(first + number, offset)
            at = syntax.skip_space(raw, at)
        if raw[at : at + 7] != b"trailer":
            raise PdfUnfit(reason="no trailer")
        return syntax.dictionary(raw, syntax.skip_space(raw, at + 7))

    def octets(self, number: int) -> bytes:
        """The object of that number, as it is written."""
        found = _OBJECT.match(self.raw, self._places.get(number, 0))
        if found is None or int(found[1]) != number or int(found[2]) != 0:
            raise PdfUnfit(reason="an object is not where the table says")
        at = syntax.skip_space(self.raw, found.end())
        return self.raw[at : syntax.end_of(self.raw, at)]

    def followed(self, value: bytes) -> bytes:
        """The value, or what it refers to."""
        number = syntax.reference(value)
        return value if number is None else self.octets(number)

    @property
    def catalog(self) -> int:
        """The object number of the document's catalog."""
        number = syntax.reference(self.trailer.get(b"/Root", b""))
        if number is None:
            raise PdfUnfit(reason="no catalog")
        return number

    def first_page(self) -> int:
        """The object number of the first page."""
        at = syntax.dictionary(self.octets(self.catalog)).get(b"/Pages", b"")
        for _ in range(_MAX_PAGES_DEPTH):
            number = syntax.reference(at)
            if number is None:
                break
            node = syntax.dictionary(self.octets(number))
            if b"/Kids" not in node:
                return number
            kids = syntax.items(self.followed(node[b"/Kids"]))
            at = kids[0] if kids else b""
        raise PdfUnfit(reason="no page")


class _Update:
    """Objects to be appended."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.objects: dict[int, bytes] = {}
        self._next = document.size

    def new(self) -> int:
        """A number for an object of ours."""
        self._next += 1
        return self._next - 1

    def append_to(self, number: int, key: bytes, element: bytes) -> None:
        """Append to an array in a dictionary object, wherever the array stands."""
        holder = syntax.dictionary(self.objects.get(number) or self.document.octets(number))
        value = holder.get(key, b"[]")
        apart = syntax.reference(value)
        if apart is not None:
            self.objects[apart] = _appended(self.document.octets(apart), element)
            return
        holder[key] = _appended(value, element)
        self.objects[number] = syntax.written(holder)

    def octets(self) -> bytes:
        """The update: objects, their table, the trailer."""
        out = bytearray(b"" if self.document.raw.endswith(b"\n") else b"\n")
        base, places = len(self.document.raw), {}
        for number, body in sorted(self.objects.items()):
            places[number] = base + len(out)
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        table = base + len(out)
        out += b"xref\n"
        for number, place in places.items():
            out += b"%d 1\n%010d 00000 n \n" % (number, place)
        trailer = {
            key: value
            for key, value in self.document.trailer.items()
            if key in (b"/Root", b"/Info", b"/ID")
        }
        trailer[b"/Size"] = b"%d" % self._next
        trailer[b"/Prev"] = b"%d" % self.document.last_table
        out += b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (syntax.written(trailer), table)
        return bytes(out)


def _appended(array: bytes, element: bytes) -> bytes:
    return syntax.array([*syntax.items(array), element])


def sign(raw: bytes, room: int, at: datetime, reason: str, make: Callable[[bytes], bytes]) -> bytes:
    """`raw` with a signature over all of it: `make` is given the octets signed and answers the CMS.

    `room` octets are kept for the CMS. Raises PdfUnfit, also when the CMS does not fit.
    """
    update = _Update(Document(raw))
    signature, field, page = update.new(), update.new(), update.document.first_page()
    hole = b"/Contents <" + b"0" * (2 * room) + b">"
    update.objects[signature] = (
        b"<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M "
        + at.strftime("(D:%Y%m%d%H%M%SZ)").encode()
        + b" /Reason " + syntax.text(reason) + b" " + _HOLE + b" " + hole + b">>"
    )  # fmt: skip
    update.objects[field] = (
        b"<</Type /Annot /Subtype /Widget /FT /Sig /T (Seal-%d) /V %d 0 R /P %d 0 R /F %d "
        b"/Rect [0 0 0 0]>>" % (signature, signature, page, _PRINT | _LOCKED)
    )
    update.append_to(page, b"/Annots", b"%d 0 R" % field)
    _add_to_form(update, field)
    return _fill(raw + update.octets(), hole, len(raw), make)


def _add_to_form(update: _Update, field: int) -> None:
    """Enter the field in the document's form; make a form where there is none."""
    document = update.document
    catalog = syntax.dictionary(document.octets(document.catalog))
    form = syntax.reference(catalog.get(b"/AcroForm", b""))
    flags = b"%d" % (_SIGNATURES_EXIST | _APPEND_ONLY)
    if form is not None:
        entries = syntax.dictionary(document.octets(form))
        update.objects[form] = syntax.written({**entries, b"/SigFlags": flags})
        update.append_to(form, b"/Fields", b"%d 0 R" % field)
        return
    entries = syntax.dictionary(catalog.get(b"/AcroForm", b"<<>>"))
    number = update.new()
    update.objects[number] = syntax.written({**entries, b"/SigFlags": flags})
    update.append_to(number, b"/Fields", b"%d 0 R" % field)
    update.objects[document.catalog] = syntax.written({**catalog, b"/AcroForm": b"%d 0 R" % number})


def _fill(pdf: bytes, hole: bytes, after: int, make: Callable[[bytes], bytes]) -> bytes:
    start = pdf.index(hole, after) + len(b"/Contents ")
    stop = start + len(hole) - len(b"/Contents ")
    span = b"/ByteRange [0 %d %d %d]" % (start, stop, len(pdf) - stop)
    place = pdf.index(_HOLE, after)
    whole = pdf[:place] + span.ljust(len(_HOLE)) + pdf[place + len(_HOLE) :]
    cms = make(whole[:start] + whole[stop:])
    inside = cms.hex().encode()
    room = stop - start - 2
    if len(inside) > room:
        raise PdfUnfit(reason="the signature is larger than its room")
    return whole[: start + 1] + inside.ljust(room, b"0") + whole[stop - 1 :]


_SPAN = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")


def signed_octets(raw: bytes) -> tuple[bytes, bytes] | None:
    """What the last signature covers, and its CMS with padding; None when none covers the whole file.

    Whole is: everything but the hex digits of the signature itself. A file to which something
    was appended after the signature is not the file that was signed.
    """
    if len(raw) > MAX_BYTES:
        return None
    for found in _SPAN.finditer(raw):
        start, stop, rest = map(int, found.groups())
        if stop + rest != len(raw) or not 0 < start < stop:
            continue
        gap = raw[start:stop]
        if re.fullmatch(rb"<[0-9A-Fa-f]*>", gap) and len(gap) % 2 == 0:
            return raw[:start] + raw[stop:], bytes.fromhex(gap[1:-1].decode())
    return None
