"""Representatives of children and wards: on what basis, until when, and what they may see."""
