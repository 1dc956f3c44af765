"""The State Corporation: daily files of deductions, contributions and what was paid back of them.

docs/entitlement.md describes the two formats and the exchange.
"""
