"""A Bot API server on loopback for tests, benchmarks and fault runs: the vendor's documented behaviour, and faults on request.

In a test: `with BotApi() as server: server.say(7, "halo")`. For other processes: `python -m tests.bots.botapi --port N`,
steered with `tests.bots.botapi.remote.Remote`.
"""

from tests.bots.botapi.server import TOKEN, BotApi
from tests.bots.botapi.world import Fault, Sent

__all__ = ["TOKEN", "BotApi", "Fault", "Sent"]
