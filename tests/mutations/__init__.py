"""Mutations: small faults are planted in the pure modules of the trade, one at a time; the module's tests must see each.

`make test-long` runs it. It plants in a forked process and in memory only: no file is ever changed.
"""
