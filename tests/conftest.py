"""How tests are shared out among the processes of `make test`, and what it says of skipped ones."""

from collections import Counter

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep together what shares a kernel, a cluster or a page: a file's tests, or a page's."""
    if config.getoption("dist", "no") == "loadgroup":
        for item in items:
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            group = parameters.get("opened", item.path.name)
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once for each reason how many tests were skipped; pytest would do so for each test."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} skipped: {reason}")
