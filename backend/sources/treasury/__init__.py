"""The Treasury's integrated information system: payment orders out, their status back."""
