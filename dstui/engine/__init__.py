"""The Docker Engine API: the only package that imports `docker`."""
