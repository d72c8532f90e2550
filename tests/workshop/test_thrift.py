"""What the tests save, an office does not: its hashes keep their price."""

import subprocess
import sys
from pathlib import Path

from argon2 import extract_parameters
from argon2.low_level import Type
from argon2.profiles import RFC_9106_LOW_MEMORY

from admin_web.security.passwords import hash_password, outdated, password_fits

ROOT = Path(__file__).resolve().parents[2]
HASHED = "from admin_web.security.passwords import hash_password; print(hash_password('merdeka'))"


def test_an_offices_hash_costs_at_least_what_rfc_9106_asks_for():
    known = subprocess.run([sys.executable, "-c", HASHED], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    made, asked = extract_parameters(known), RFC_9106_LOW_MEMORY
    assert made.type is Type.ID
    assert (made.time_cost, made.memory_cost, made.parallelism) >= (asked.time_cost, asked.memory_cost, asked.parallelism)
    assert password_fits(known, "merdeka")
    assert outdated(hash_password("merdeka")) is False
