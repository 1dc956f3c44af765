"""The systems that keep capacities: resources (beds), medical equipment (A, business process 3)."""
