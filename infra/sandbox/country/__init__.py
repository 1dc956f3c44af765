"""The demo country: synthetic people, clinics and money, the same on every machine."""
