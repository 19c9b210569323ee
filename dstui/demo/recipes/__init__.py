"""The images of the simulated world, parents before children."""

from dstui.demo.recipes import bases, local, notebooks, platform, serving, training

RECIPES = (
    *bases.RECIPES,
    *training.RECIPES,
    *serving.RECIPES,
    *notebooks.RECIPES,
    *platform.RECIPES,
    *local.RECIPES,
)
