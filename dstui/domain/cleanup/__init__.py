"""A plan of what to remove: exact objects, true bytes, and what came of it."""
