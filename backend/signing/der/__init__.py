"""ASN.1 in DER and BER: slices of the stored bytes, never a re-encoding."""
