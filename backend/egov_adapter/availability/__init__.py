"""Was the service there around the clock (M §39)? Measured each minute at its public door, told to everybody."""
