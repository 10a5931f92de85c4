"""Factories of the tests, one module per app."""
