"""Complaints and disputes: registered, tracked by a number that reveals nothing, answered by the head."""
