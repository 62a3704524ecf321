"""The paper's four sets of images, read from their files or drawn in their shapes, and a network's layer on each."""
