"""The hourly proof of the ledger: counted anew, and compared with acts and orders."""
