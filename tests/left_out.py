"""`@pytest.mark.needs("chromium")`: runs where the package is, is named as left out elsewhere; with CI set it fails."""

import os
import shutil
from collections import Counter

import pytest

COMMANDS = {
    "chromium": ("chromium", "chromium-browser"),
    "kannel": ("fakesmsc",),  # of kannel-extras, which brings the gateway with it
}
"""What may be needed, and the commands of which one must be there; `make test-system` installs them."""


def is_installed(name: str) -> bool:
    """Whether one of its commands is on the path (sbin too, where daemons are, and Kannel's own folder)."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/lib/kannel/test"])
    return any(shutil.which(command, path=path) for command in COMMANDS[name])


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if name not in COMMANDS:
                pytest.fail(f"needs({name!r}): say in tests/left_out.py by which command it is known", pytrace=False)
            if not is_installed(name):
                pytest.skip(f"needs {name}: make test-system")


def _left_out(config: pytest.Config) -> Counter[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reasons: Counter[str] = Counter()
    for report in reporter.stats.get("skipped", []) if reporter else []:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] += 1
    return reasons


def pytest_sessionfinish(session: pytest.Session) -> None:
    is_worker = hasattr(session.config, "workerinput")
    if os.environ.get("CI") and not is_worker and session.exitstatus == pytest.ExitCode.OK and _left_out(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reasons = _left_out(config)
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"left out: {count} {'test' if count == 1 else 'tests'}: {reason}", yellow=True)
    if reasons and os.environ.get("CI"):
        terminalreporter.write_line("CI is set, and nothing may be left out there: this run has failed.", red=True)
