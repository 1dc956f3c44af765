"""The policy as a card for the phone: a picture or a PDF, with the citizen's own code of this minute."""
