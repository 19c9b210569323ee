"""The self-test's steps on the engine and inside containers."""
