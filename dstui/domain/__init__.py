"""Facts and rules. Pure: no I/O, no Docker, no NVML, no Textual."""
