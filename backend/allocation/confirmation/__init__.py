"""What outside systems say of an application (M §8(1), (3)): asked, kept with its age, never guessed (D28)."""
