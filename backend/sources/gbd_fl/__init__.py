"""The state database "Natural persons" (GBD FL): what becomes of people (M §23(6), §33(1), §34(1))."""
