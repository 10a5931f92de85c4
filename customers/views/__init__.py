"""Pages of guests, cut by subject."""
