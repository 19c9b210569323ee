"""One file a section: what it lists, what its details are, what can be done there."""
