"""Two cards of one person made one: the rules of the card's values, of the rows that point to it, and who has such rows.

`customers.services.merges` writes by these rules and takes back what it wrote. docs/duplicates.md tells the whole.
"""
