"""Textual: knows the session and the store, never `docker` or `pynvml`."""
