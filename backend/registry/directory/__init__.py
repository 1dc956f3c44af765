"""Directories the registrar keeps by signature: conforming systems (M §6(2)), fields of 186/2020 (M §6(4))."""
