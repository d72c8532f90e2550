"""What is kept: engine, keys, files, leases, the trail, people and offices, on SQLite and on PostgreSQL."""
