"""Django's Postgres backend, which asks less often whether the connection lives."""
