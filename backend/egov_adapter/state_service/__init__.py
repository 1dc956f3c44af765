"""The state service: who asks is told of being a consumer and of what was paid (M §46-53, App.2, App.3)."""
