"""Signed XML: XMLDSig over a document's root, WS-Security over a SOAP Body."""
