"""Alembic revisions. `core/storage/schema.py` runs them."""
