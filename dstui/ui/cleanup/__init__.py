"""The parts of the cleanup section: what is ticked, the list, the picture of the disk."""
