"""The state system of permits and notifications ("E-licensing"): licences and their annexes (M §23(1))."""
