"""An X API v2 server on loopback for tests and fault runs: the vendor's documented behaviour, and faults on request.

In a test: `with XApi() as x:` `twitter.build(Settings.model_validate(x.settings()))`, `siti = x.person("siti")`,
`siti.tweets("@lapor1708 lampu mati")`, `x.wait_posts()`, `siti.dms("lapor")`, `x.wait_sent("siti")`.
For other processes: `python -m tests.bots.xapi --port N`, steered with `tests.bots.xapi.remote.Remote`.
"""

from tests.bots.xapi.keys import KEYS, Keys
from tests.bots.xapi.person import Person
from tests.bots.xapi.server import XApi
from tests.bots.xapi.world import Fault, Post, Sent

__all__ = ["KEYS", "Fault", "Keys", "Person", "Post", "Sent", "XApi"]
