"""What dstui costs and how fast it is, beside its peers, measured as whole processes."""
