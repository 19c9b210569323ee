"""Reads the files of every layer of an image, from the best source that can be had."""
