"""Making inputs that are nearly right: a structure bent, octets changed, markup shuffled."""

import random
import re
from collections.abc import Callable
from contextlib import suppress

from backend.signing.der import reader, writer
from backend.signing.der.reader import Element, Malformed

SCRAPS = [bytes.fromhex(t) for t in (
    "0500", "3000", "020100", "3100", "0400", "06012a", "a000", "030100", "24800000", "170d",
)]  # fmt: skip
LENGTHS = [
    bytes.fromhex(t) for t in ("80", "81ff", "82ffff", "84ffffffff", "88ffffffffffffffff", "ff")
]
MARKUP = [t.encode() for t in (
    "<!--x-->", "<?x y?>", "<![CDATA[x]]>", "&#13;", "&lt;", "&x;", "&#0;", "<x/>", "</x>", "<x>" * 300,
    ' Id="id-1"', ' xmlns="urn:x"', ' xmlns:ds="urn:x"', "\r\n", "\0", "\ufeff", "<!DOCTYPE x>",
    '<!DOCTYPE x [<!ENTITY x "x">]>', '<?xml version="1.0" encoding="UTF-16"?>', "#id-2", "=", "]]>",
)]  # fmt: skip
_TOKEN = re.compile(rb"<[^<>]*>|[^<]+|<")
_MOST_BYTES = 200_000


class Mangler:
    """Seeded; every method gives something near what it was given."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._rate = 1.0

    def structure(self, raw: bytes) -> bytes:
        """DER re-encoded: elements lost, doubled, swapped, retagged."""
        self._rate = self.chance.choice((0.1, 0.3, 1.0))  # what is bent everywhere is soon refused
        return self._element(reader.read(raw))

    def octets(self, raw: bytes) -> bytes:
        """A few changes that know nothing of what they change."""
        for _ in range(self.chance.choice((1, 1, 1, 2, 4))):
            raw = self._octets_once(raw)[:_MOST_BYTES]
        return raw

    def markup(self, raw: bytes) -> bytes:
        """XML with tags and texts lost, doubled, moved, or strange things between them."""
        tokens = _TOKEN.findall(raw)
        for _ in range(self.chance.choice((1, 1, 2, 5))):
            if tokens:
                self._markup_once(tokens)
        return b"".join(tokens)[:_MOST_BYTES]

    def _markup_once(self, tokens: list[bytes]) -> None:
        here, there = (self.chance.randrange(len(tokens)) for _ in range(2))
        end = here + self.chance.choice((1, 1, 3, 10))
        changes: list[Callable[[], object]] = [
            lambda: tokens.__delitem__(slice(here, end)),
            lambda: tokens.__setitem__(slice(there, there), tokens[here:end]),
            lambda: tokens.__setitem__(here, tokens[there]),
            lambda: tokens.insert(here, self.chance.choice(MARKUP)),
            lambda: tokens.__setitem__(here, self._within(tokens[here])),
            lambda: tokens.__setitem__(here, self.octets(tokens[here])),
        ]
        self.chance.choice(changes)()

    def _within(self, token: bytes) -> bytes:
        place = self.chance.randrange(len(token) + 1)
        return token[:place] + self.chance.choice(MARKUP) + token[place:]

    def _octets_once(self, raw: bytes) -> bytes:
        chance = self.chance
        here, there = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
        near = min(here + chance.choice((1, 2, 8, 64)), len(raw))
        kind = chance.choice((0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7))
        if kind == 0 and raw:
            place = min(here, len(raw) - 1)
            return raw[:place] + bytes([raw[place] ^ 1 << chance.randrange(8)]) + raw[place + 1 :]
        if kind == 1:
            return raw[:here]
        if kind == 2:
            return raw[:here] + raw[near:]
        if kind == 3:
            return raw[:near] + raw[here:]
        if kind == 4:
            return raw[:here] + chance.randbytes(near - here) + raw[near:]
        if kind == 5:
            return raw[:here] + chance.choice(LENGTHS) + raw[here + 1 :]
        if kind == 6:
            return raw[:here] + chance.choice(SCRAPS) + raw[here:]
        return raw[:here] + raw[there : there + 200] + raw[near:]

    def _element(self, element: Element) -> bytes:
        if element.tag & 0x20:
            return self._constructed(element)
        body = element.content
        if element.tag == reader.OCTET_STRING and body[:1] in (b"\x30", b"\x04"):
            with suppress(Malformed):
                body = self._element(reader.read(body))
        if self.chance.random() < 0.01 * self._rate:
            body = self.chance.choice(
                [b"", body[: self.chance.randrange(len(body) + 1)], self.chance.randbytes(9)]
            )
        return writer.tlv(element.tag, body)

    def _constructed(self, element: Element) -> bytes:
        parts = [self._element(child) for child in element.children()]
        if parts and self.chance.random() < 0.02 * self._rate:
            place = self.chance.randrange(len(parts))
            changes: list[Callable[[], object]] = [
                lambda: parts.pop(place),
                lambda: parts.insert(place, parts[place]),
                lambda: parts.__setitem__(place, self.chance.choice(SCRAPS)),
                lambda: self.chance.shuffle(parts),
                parts.clear,
            ]
            self.chance.choice(changes)()
        tag = element.tag
        if self.chance.random() < 0.004 * self._rate:
            tag = self.chance.randrange(8) << 5 | self.chance.randrange(30)
        return writer.tlv(tag, b"".join(parts))
