"""Running parts: the desk, the ingress, the worker (handles and sweeps) and channels (listen, fetch, send)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from waitress.server import create_server

from core import spooling, sweep
from core.channels import Binds, Channel
from core.config import Listen
from core.errors import ConfigurationError, StorageUnavailable
from core.office import Office, now_utc
from core.spool import Spool
from core.storage import accounts, schema
from core.working import Worker, accepting
from lapor import web
from lapor.ingress import Ingress

log = structlog.get_logger()

PARTS = ("desk", "ingress", "worker")
SWEEP_SECONDS = 60
_STOP_SECONDS = 20
_SERVED: dict[str, Any] = {
    "threads": 8,
    "ident": "",
    "connection_limit": 500,  # gateways keep hundreds; below the 1,024 files that a process usually may open
    "asyncore_use_poll": True,
    "max_request_body_size": 2
    * 1024
    * 1024,  # beyond what any page or hook takes; else strangers fill the disk with 1 GiB each
}


class Service:
    """The parts of one process. `start` returns when everything listens; `stop` ends them cleanly within seconds."""

    def __init__(
        self, office: Office, channels: Mapping[str, Channel], parts: Sequence[str], clock: Callable[[], datetime] = now_utc
    ):
        self.office = office
        self.channels = channels
        self.parts = parts
        self.clock = clock
        self.addresses: dict[str, str] = {}
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._servers: list[Any] = []
        self._scheduler: BackgroundScheduler | None = None
        self._worker: Worker | None = None

    def start(self) -> None:
        """Raises ConfigurationError: an older schema, a port in use, demonstration accounts on an open desk."""
        self._check_schema()
        carried = [name for name in self.channels if name in self.parts]
        self._bind(carried)
        handlers = None if "worker" in self.parts else 0
        self._worker = Worker(self.office, self.channels, runs=carried, handlers=handlers, clock=self.clock)
        self._worker.start()
        if "desk" in self.parts:
            self._serve_desk()
        if "ingress" in self.parts:
            ingress = Ingress(self.office, self.channels, accepting(self.office, self.clock), self.clock)
            self._web("ingress", ingress, self.office.config.ingress.listen)
            spool = Spool(self.office.config.spool)
            self._thread("spool", lambda: spooling.run(self.office, spool, self._stop, self.clock))
        if "worker" in self.parts:
            self._schedule()
        log.info("started", parts=",".join(self.parts), **self.addresses)

    def heed_signals(self) -> None:
        """SIGINT and SIGTERM end `wait` from now on, also one that comes while the parts are still starting."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())

    def wait(self) -> None:
        """Until a signal says that it is time to stop."""
        while not self._stop.wait(3600):
            pass

    def stop(self) -> None:
        """Stops taking in, lets what is under way end, closes everything. What is unfinished is found at the next start."""
        self._stop.set()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
        for server in self._servers:
            web.wake(server)
        if self._worker is not None:
            self._worker.stop()
        for channel in self.channels.values():
            channel.close()
        for thread in self._threads:
            thread.join(timeout=_STOP_SECONDS)
        self.office.close()
        log.info("stopped")

    def _check_schema(self) -> None:
        try:
            current = schema.is_current(self.office.database)
        except StorageUnavailable:
            if tuple(self.parts) != ("ingress",):
                raise
            log.warning("ingress.storage_away")  # what comes in meanwhile waits on disk, or its sender repeats
            return
        if not current:
            raise ConfigurationError("the database is of another version: run `lapor migrate`")

    def _bind(self, names: Sequence[str]) -> None:
        """Ports first: one that is in use stops the start before anything runs."""
        for name in names:
            channel = self.channels[name]
            if isinstance(channel, Binds):
                self.addresses[name] = channel.bind()

    def _serve_desk(self) -> None:
        from admin_web.app import create_app

        listen = self.office.config.desk.listen
        if not listen.is_loopback:
            with self.office.database.read() as conn:
                if accounts.demonstration_enabled(conn):
                    raise ConfigurationError(
                        "desk.listen: demonstration accounts are enabled; run `lapor account disable --demonstration` before "
                        "the desk listens beyond this machine"
                    )
        self._web("desk", create_app(self.office, clock=self.clock), listen, proxies=self.office.config.desk.proxies)

    def _web(self, name: str, application: Any, listen: Listen, *, proxies: int = 0) -> None:
        try:
            family = {"ipv6": ":" in listen.host}  # a name like localhost that means both would open two sockets
            server = create_server(application, host=listen.host, port=listen.port, **family, **_SERVED, **trust_in(proxies))
        except OSError as error:
            raise ConfigurationError(
                f"{name}.listen: {listen} cannot be used ({error.strerror}): choose another port"
            ) from error
        self._servers.append(server)
        self.addresses[name] = f"http://{listen.host}:{server.effective_port}"
        self._thread(f"web-{name}", lambda: web.serve(server, self._stop))

    def _schedule(self) -> None:
        """APScheduler is the clock only: a lease in the database makes one of many processes do the work (design.md)."""
        scheduler = BackgroundScheduler(timezone="UTC")
        scheduler.add_job(
            self._sweep,
            "interval",
            seconds=SWEEP_SECONDS,
            coalesce=True,
            max_instances=1,
            next_run_time=now_utc() + timedelta(seconds=1),
        )
        scheduler.start()
        self._scheduler = scheduler

    def _sweep(self) -> None:
        try:
            sweep.run(self.office, at=self.clock())
        except StorageUnavailable:
            log.warning("sweep.storage_away")
        except Exception as error:
            log.error("sweep.failed", error=type(error).__name__)  # noqa: TRY400 - a message may hold words

    def _thread(self, name: str, target: Callable[[], object]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)


def trust_in(proxies: int) -> dict[str, Any]:
    """What the web server believes of a sender's address and scheme: nothing, or what the last `proxies` ones wrote."""
    if not proxies:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": "*",  # whoever reaches the port: docs/configuration.md says that only the proxies may
        "trusted_proxy_count": proxies,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }
