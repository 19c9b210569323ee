"""Domain object -> columns, cells and their roles. Pure; one file a kind."""
