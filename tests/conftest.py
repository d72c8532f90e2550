"""What every test may use: databases (`tests/databases.py`) and the `needs` marker (`tests/left_out.py`)."""

pytest_plugins = ["tests.databases", "tests.left_out"]
