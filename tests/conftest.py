"""How the tests are shared out among the processes of `make test`."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep together what shares a kernel, a cluster or a page: a file's tests, or a page's."""
    if config.getoption("dist", "no") == "loadgroup":
        for item in items:
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            group = parameters.get("opened", item.path.name)
            item.add_marker(pytest.mark.xdist_group(group))
