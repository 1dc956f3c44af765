"""One file per command of the console script; each exposes `command`, a click command."""
