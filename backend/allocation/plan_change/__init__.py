"""Changes of a plan in force: ten grounds, two routes through the ministry (P ¶18-20, domain 6.4)."""
