"""The self-test of host, engine and container in one ordered run."""
