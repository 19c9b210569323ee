"""A simulated engine and simulated GPUs: the Docker HTTP API on a private socket."""
