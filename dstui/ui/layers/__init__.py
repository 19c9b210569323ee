"""What is looked at of an image's layers: the views of the Layers tab, and the comparison."""
