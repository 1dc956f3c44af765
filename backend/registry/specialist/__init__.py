"""Who may give which service (M §13): specialities services need, certificates specialists hold."""
