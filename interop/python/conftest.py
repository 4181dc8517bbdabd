"""Ends the output with the line that every suite ends with."""


def pytest_unconfigure(config):
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    failed = len(reporter.stats.get("failed", [])) + len(reporter.stats.get("error", []))
    reporter.write_line(f"{len(reporter.stats.get('passed', []))} passed, {failed} failed")
