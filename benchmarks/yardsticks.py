"""What the doors are measured against: `python -m benchmarks.yardsticks mail|webhook URL`, which prints its port.

mail: aiosmtpd with a handler that parses the mail and commits its raw bytes before the 250. webhook: Flask under waitress that
inserts the request's words and commits before the 200.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from email import message_from_bytes, policy
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

from core.storage.engine import Database, open_database


def table_in(url: str) -> tuple[Database, Any]:
    """A bare table of keys and bytes, made anew."""
    database = open_database(url)
    table = Table(
        "bare_sink", MetaData(), Column("id", Integer, primary_key=True), Column("k", String(200)), Column("b", LargeBinary)
    )
    table.drop(database.engine, checkfirst=True)
    table.create(database.engine)
    return database, table


def mail(url: str) -> None:
    from aiosmtpd.smtp import SMTP, Envelope, Session

    database, table = table_in(url)
    statement = table.insert()

    def store(content: bytes) -> None:
        message = message_from_bytes(content, policy=policy.default)
        with database.write() as connection:
            connection.execute(statement, {"k": str(message["Message-ID"]), "b": content})

    class Sink:
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
            content = envelope.content
            if not isinstance(content, bytes):
                return "554 no content"
            await asyncio.get_running_loop().run_in_executor(None, store, content)
            return "250 OK"

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Sink(), data_size_limit=30_000_000, loop=loop), "127.0.0.1", 0)
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()

    asyncio.run(serve())


def webhook(url: str) -> None:
    from flask import Flask, request
    from waitress.server import create_server

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    database, table = table_in(url)
    statement = table.insert()
    app = Flask(__name__)

    @app.get("/bare")
    def take() -> str:
        with database.write() as connection:
            connection.execute(statement, {"k": request.args["id"], "b": request.query_string})
        return ""

    server = create_server(app, host="127.0.0.1", port=0, threads=8, ident="")
    sys.stdout.write(f"{server.effective_port}\n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    {"mail": mail, "webhook": webhook}[sys.argv[1]](sys.argv[2])
