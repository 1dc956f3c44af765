"""Written requests to state bodies for data, free of charge: who was asked for what, and the answer (M §25)."""
