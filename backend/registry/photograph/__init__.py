"""Photographs of facilities (M §6(4)): judged by their content, written anew, kept by hash."""
