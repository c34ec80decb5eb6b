from tests.access.rows import signed_in

ROWS = {"incentives:points": [signed_in("/points/")]}
