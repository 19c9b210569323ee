"""A terminal UI for the containers, images and GPUs of a data-science machine."""

__version__ = "0.1.0"
