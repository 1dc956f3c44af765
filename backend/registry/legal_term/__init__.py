"""The legal clock: who owes what by when, told before it is late and when it is (domain 3.19)."""
