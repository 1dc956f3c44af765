"""Short Weierstrass curves of the GOST family, in Jacobian coordinates.

The numbers are `gmpy2.mpz` where that is installed and `int` otherwise: the same code, the same
answers, four times the speed. Not constant-time: verification handles public values only; a key
that must resist a local observer belongs in a certified module behind `SignatureBackend`.
"""

from collections.abc import Callable
from typing import Any

from backend.signing.algorithm.curve_parameters import Parameters

Affine = tuple[Any, Any]
Jacobian = tuple[Any, Any, Any]  # Z = 0 is the point at infinity

_WINDOW = 5  # for points met once
_BASE_WINDOW = 8  # for the base point in verification
_COMB = 6  # for the base point in signing


class NotOnCurve(ValueError):
    """A point that does not lie on the curve, or not in its prime-order group."""


class Curve:
    """One curve over one kind of number. Tables are built when first needed."""

    def __init__(self, parameters: Parameters, number: Callable[[int], Any] = int) -> None:
        self.name, self.size = parameters.name, parameters.size
        self.p, self.a, self.b = number(parameters.p), number(parameters.a), number(parameters.b)
        self.q, self.cofactor = number(parameters.q), parameters.cofactor
        self.base: Affine = (number(parameters.x), number(parameters.y))
        self.number = number
        self._minus_three = parameters.a == parameters.p - 3
        self._base_odd: list[Affine] | None = None
        self._base_comb: list[list[Affine]] | None = None

    def point(self, x: int, y: int) -> Affine:
        """The affine point (x, y). Raises NotOnCurve."""
        if not (0 <= x < self.p and 0 <= y < self.p):
            raise NotOnCurve("a coordinate is out of range")
        found = (self.number(x), self.number(y))
        if (found[1] * found[1] - (found[0] * found[0] + self.a) * found[0] - self.b) % self.p:
            raise NotOnCurve("the point is not on the curve")
        if self.cofactor != 1 and self.multiply(self.q, found) is not None:
            raise NotOnCurve("the point is not in the prime-order group")
        return found

    def multiply(self, k: Any, point: Affine) -> Affine | None:
        """k * point, or None for the point at infinity."""
        return self._to_affine(self._combine([(_naf(k, _WINDOW), self.odd_multiples(point))]))

    def multiply_base(self, k: Any) -> Affine | None:
        """k * base point by a comb: no doublings."""
        if self._base_comb is None:
            self._base_comb = self._build_comb()
        total: Jacobian = (self.number(1), self.number(1), self.number(0))
        mask, index = (1 << _COMB) - 1, 0
        while k:
            if digit := int(k & mask):
                total = self._add(total, self._base_comb[index][digit - 1])
            k >>= _COMB
            index += 1
        return self._to_affine(total)

    def double_multiply(self, k: Any, m: Any, multiples: list[Affine]) -> Affine | None:
        """k * base + m * Q, where `multiples` are the odd multiples of Q (Shamir, interleaved)."""
        if self._base_odd is None:
            self._base_odd = self.odd_multiples(self.base, _BASE_WINDOW)
        return self._to_affine(
            self._combine([(_naf(k, _BASE_WINDOW), self._base_odd), (_naf(m, _WINDOW), multiples)])
        )

    def odd_multiples(self, point: Affine, window: int = _WINDOW) -> list[Affine]:
        """P, 3P, 5P, … as many as a window of this width asks for."""
        first: Jacobian = (*point, self.number(1))
        twice = self._to_affine(self._double(first, 1))
        if twice is None:  # a point of order two: never in a prime-order group
            raise NotOnCurve("the point has order two")
        found = [first]
        for _ in range((1 << window - 2) - 1):
            found.append(self._add(found[-1], twice))
        return self._to_affine_all(found)

    def _combine(self, terms: list[tuple[list[tuple[int, int]], list[Affine]]]) -> Jacobian:
        """The sum of scalars in signed windows times their points, sharing the doublings."""
        steps = sorted(
            ((place, digit, table) for digits, table in terms for place, digit in digits),
            key=lambda step: -step[0],
        )
        total: Jacobian = (self.number(1), self.number(1), self.number(0))
        at = steps[0][0] if steps else 0
        for place, digit, table in steps:
            if place < at:
                total = self._double(total, at - place)
                at = place
            x, y = table[abs(digit) >> 1]
            total = self._add(total, (x, y if digit > 0 else self.p - y))
        return self._double(total, at)

    def _double(self, point: Jacobian, times: int) -> Jacobian:
        """`times` doublings (EFD dbl-2001-b for a = -3, dbl-2007-bl else)."""
        p, a, minus_three = self.p, self.a, self._minus_three
        x, y, z = point
        if not z:
            return point
        for _ in range(times):
            gamma = y * y % p
            beta = x * gamma % p
            delta = z * z % p
            if minus_three:
                alpha = 3 * (x - delta) * (x + delta) % p
            else:
                alpha = (3 * x * x + a * (delta * delta % p)) % p
            z = 2 * y * z % p
            x = (alpha * alpha - 8 * beta) % p
            y = (alpha * (4 * beta - x) - 8 * gamma * gamma) % p
        return x, y, z

    def _add(self, left: Jacobian, right: Affine) -> Jacobian:
        """Mixed addition (EFD madd-2004-hmv), complete for every pair of points."""
        p = self.p
        x1, y1, z1 = left
        x2, y2 = right
        if not z1:
            return x2, y2, self.number(1)
        z1z1 = z1 * z1 % p
        h = (x2 * z1z1 - x1) % p
        r = (y2 * (z1 * z1z1 % p) - y1) % p
        if not h:
            if not r:
                return self._double((x2, y2, self.number(1)), 1)
            return self.number(1), self.number(1), self.number(0)
        hh = h * h % p
        hhh = h * hh % p
        v = x1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - y1 * hhh) % p, z1 * h % p

    def _to_affine(self, point: Jacobian) -> Affine | None:
        return None if not point[2] else self._to_affine_all([point])[0]

    def _to_affine_all(self, points: list[Jacobian]) -> list[Affine]:
        """Finite points made affine with one inversion (Montgomery's trick)."""
        p = self.p
        running, product = [], self.number(1)
        for point in points:
            running.append(product)
            product = product * point[2] % p
        inverse = pow(product, -1, p)
        found: list[Affine] = []
        for (x, y, z), before in zip(reversed(points), reversed(running), strict=True):
            one = inverse * before % p
            inverse = inverse * z % p
            square = one * one % p
            found.append((x * square % p, y * (square * one % p) % p))
        found.reverse()
        return found

    def _build_comb(self) -> list[list[Affine]]:
        """Rows of 1..63 times base * 64^row, enough for every scalar below the order."""
        per_row = (1 << _COMB) - 1
        points: list[Jacobian] = []
        step: Affine | None = self.base
        for _ in range((int(self.q).bit_length() + _COMB - 1) // _COMB):
            assert step is not None
            row: list[Jacobian] = [(*step, self.number(1))]
            for _ in range(per_row - 1):
                row.append(self._add(row[-1], step))
            points += row
            step = self._to_affine(self._add(row[-1], step))
        flat = self._to_affine_all(points)
        return [flat[n : n + per_row] for n in range(0, len(flat), per_row)]


def _naf(k: Any, window: int) -> list[tuple[int, int]]:
    """The non-adjacent form of k: (place, odd digit), digits within +-2^(window-1)."""
    k, found, place = int(k), [], 0
    half, full = 1 << window - 1, 1 << window
    while k:
        zeros = (k & -k).bit_length() - 1
        place += zeros
        k >>= zeros
        digit = k & full - 1
        if digit >= half:
            digit -= full
        found.append((place, digit))
        k -= digit
    return found
