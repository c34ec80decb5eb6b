"""The access matrix: one module per app, one line per address.

Each module has `ROWS`: {"url name": {person: status, …}} for the people visitor,
member, lapsed, paying, mentor, volunteer, operator and suspended.
"""
