"""The GPU driver: the only package that imports `pynvml`."""
