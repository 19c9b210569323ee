"""A simulated engine that speaks the Docker HTTP API, and simulated GPUs."""
