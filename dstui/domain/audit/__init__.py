"""Checks of images and containers: what was gathered of a target -> rules -> findings. Pure."""
