"""The files of every layer of an image, and what of them is visible, changed or wasted."""
