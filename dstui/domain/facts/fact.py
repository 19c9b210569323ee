"""One thing that is known of an image."""

from typing import NamedTuple


class ImageFact(NamedTuple):
    """A fact and what it was read from. There may be several of one name, and they may disagree.

    The environment is a hint and no proof: it is often inherited from a base image.
    """

    name: str
    """python, cuda, cudnn, nccl, torch, tensorflow, jax, jupyter, os, shell, user …"""
    value: str
    evidence: str
    """A path, `ENV NAME`, `LABEL name` or `config`."""
    hint: bool = False
    """Whether the evidence only hints at it."""
