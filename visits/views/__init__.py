"""Pages of the visits: the log form, the day, one visit, the check sheet's settings."""
