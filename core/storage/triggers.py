"""Append-only in the database too: the audit and its chain refuse UPDATE and DELETE, whoever asks."""

from __future__ import annotations

from sqlalchemy import Connection

APPEND_ONLY = ("audit", "audit_chain", "history")


def protect(connection: Connection) -> None:
    """Creates the triggers (used by migrations)."""
    if connection.dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    connection.exec_driver_sql(
        "CREATE FUNCTION lapor_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in APPEND_ONLY:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION lapor_append_only()"
        )
