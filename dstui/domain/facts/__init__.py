"""What is in an image: facts, each with what it was read from. Pure."""
