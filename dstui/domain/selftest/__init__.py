"""The self-test: its steps, their results and the verdict over them."""
