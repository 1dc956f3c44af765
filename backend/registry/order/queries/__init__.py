"""SQL of orders: `progress` keeps them, `issue` and `change` carry them out."""
