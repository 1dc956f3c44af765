"""Acts formed on the portal from the services a MIS recorded: nothing is typed, exactly that is signed."""
