"""How fresh each source of the registry is (M §23, §24): read from every wing's own record of answers."""
