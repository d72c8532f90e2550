"""What design.md says of the house and import-linter cannot hold: names, imports of channels, purity, packages, recipes."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("admin_web", "bots", "core", "lapor")
NAMES = re.compile("telegram|twitter|tweepy|kannel|twilio|aiosmtpd", re.IGNORECASE)  # design.md, The house


def _files(*folders: str, suffix: str = ".py") -> list[Path]:
    found = [
        path for folder in folders for path in sorted((ROOT / folder).rglob(f"*{suffix}")) if "__pycache__" not in path.parts
    ]
    assert found, folders
    return found


def _imports(path: Path, *, late: bool) -> set[str]:
    """Dotted names that a module imports: at its top, or anywhere with `late`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree) if late else tree.body:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def _under(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_neither_the_core_nor_the_desk_names_a_channel():
    texts = [path for path in _files("core", "admin_web", suffix="") if path.is_file()]
    found = [
        f"{_named(path)}:{number}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if NAMES.search(line)
    ]
    assert found == []


def test_the_search_for_names_would_find_one():
    assert NAMES.search("from Telegram import Bot")


@pytest.mark.parametrize("path", _files("bots"), ids=_named)
def test_a_channel_imports_two_rooms_of_the_core_and_no_other(path):
    ours = {name for name in _imports(path, late=True) if _under(name, *PRODUCT) and not _under(name, "bots")}
    assert {name for name in ours if not _under(name, "core.alphabet", "core.channels", "core.errors")} == set()


@pytest.mark.parametrize(
    "path",
    [path for path in _files("bots") if path.name in ("__init__.py", "parse.py") and path.parent.name != "bots"],
    ids=_named,
)
def test_a_channels_front_and_parser_import_no_vendor_library(path):
    allowed = (
        *sys.stdlib_module_names,
        "pydantic",
        "core.alphabet",
        "core.channels",
        "core.errors",
        f"bots.{path.parent.name}",
    )
    assert {name for name in _imports(path, late=False) if not _under(name, *allowed)} == set()


CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
BELOW = {
    room.strip()
    for contract in CONTRACTS
    if contract["id"] == "core"
    for layer in contract["layers"]
    for room in layer.split(":")
}


@pytest.mark.parametrize("room", sorted(BELOW))
def test_a_room_below_the_use_cases_imports_none_of_them(room):
    place = ROOT / "core" / room
    imported = {
        name
        for path in (_files(f"core/{room}") if place.is_dir() else [place.with_suffix(".py")])
        for name in _imports(path, late=True)
    }
    # `from core import texts` and `from core.texts import text` both start with the room's name after "core."
    rooms = {name.split(".")[1] for name in imported if _under(name, "core")}
    assert rooms - BELOW == set()


DECIDING = [*_files("core/procedure", "core/dialogue"), ROOT / "core/report.py"]
ASKS_THE_WORLD = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("os", "environ"),
}


@pytest.mark.parametrize("path", DECIDING, ids=_named)
def test_deciding_code_takes_time_and_chance_as_arguments(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asked = {
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert asked & ASKS_THE_WORLD == set()
    assert {
        name for name in _imports(path, late=True) if _under(name, "random", "secrets", "uuid", "subprocess", "urllib")
    } == set()


def test_nothing_in_the_product_waits_to_be_written():
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
    found = [_named(path) for path in _files(*PRODUCT) if words.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_every_folder_of_tests_and_product_is_a_package():
    folders = {path.parent for path in _files("tests", *PRODUCT) if "versions" not in path.parts}
    assert [_named(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_folder_is_called_after_nothing():
    empty = {"utils", "helpers", "manager", "misc", "common"}  # style.md, 14
    assert [_named(path) for path in _files(*PRODUCT) if {path.stem, *path.relative_to(ROOT).parts} & empty] == []


# --- requirements -----------------------------------------------------------------------------------------------------------


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["uv.txt", "run.txt", "test.txt", "fuzz.txt"])
def test_every_requirement_is_pinned_with_hashes_and_names_no_host(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    assert blocks
    assert [block.splitlines()[0] for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []
    assert "://" not in text
    assert "index" not in re.sub(r"#.*", "", text)


def test_tests_run_on_the_versions_that_the_service_runs_on():
    run, test = _pins("run.txt"), _pins("test.txt")
    assert {name: version for name, version in run.items() if test.get(name) != version} == {}


@pytest.mark.parametrize(
    "source,lock", [("run.in", "run.txt"), ("test.in", "test.txt"), ("uv.in", "uv.txt"), ("fuzz.in", "fuzz.txt")]
)
def test_every_wanted_requirement_is_locked(source, lock):
    lines = (ROOT / "requirements" / source).read_text(encoding="utf-8").splitlines()
    wanted = {re.split(r"[\[<>=]", line)[0].lower() for line in lines if re.match(r"[A-Za-z]", line)}
    assert wanted - set(_pins(lock)) == set()


# --- recipes ----------------------------------------------------------------------------------------------------------------

RECIPES = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".ci/run", ".ci/first-report", ".pre-commit-config.yaml"])
def test_every_recipe_that_is_named_exists(page):
    named = set(re.findall(r"(?:^|`|: )make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE))
    assert named - RECIPES == set()


@pytest.mark.parametrize("command", ["make serve", "make test"])
def test_the_readme_names_the_two_commands(command):
    assert re.search(rf"^{command}\b", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_versions_of_python_are_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "(3, 11) <= sys.version_info < (3, 14)" in (ROOT / "tools/setup").read_text(encoding="utf-8")
