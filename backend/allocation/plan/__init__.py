"""The procurement plan and its announcement: what may be bought, and the window to apply (M §7)."""
