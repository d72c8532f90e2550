"""What is kept, and how: SQLAlchemy Core on SQLite and PostgreSQL. One module per thing kept."""
