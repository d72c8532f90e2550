"""What would cost the tests minutes and proves nothing twice.

Slow password hashes, templates compiled for each desk anew, a garbage collector that walks over a thousand imported modules.

Nothing of it is reachable from the service: processes that a test starts hash and compile as they do in an office, and
`tests/workshop/test_thrift.py` holds what an office's hash costs.
"""

import gc
from collections.abc import Iterator

import pytest
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Templates by name and source, for every desk of this process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def pytest_collection_finish() -> None:
    """What stays until the end of the run anyway need not be looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _thrift() -> Iterator[None]:
    from argon2 import PasswordHasher
    from flask import Flask

    from admin_web.security import passwords

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        patch.setitem(Flask.jinja_options, "bytecode_cache", Compiled())
        yield
