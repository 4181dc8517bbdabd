"""Writes the report: tables and plots of all results."""
import itertools
import statistics

import peers
import plot
from scenario import FIGURES

HEAD = """# Benchmarks

einmal, on one thread (its default) and on two, beside Apache Kafka, kfake (franz-go's broker for
tests, in memory and on disk) and the null broker, which is no broker: the smallest program that
receives the same frames, checks their CRC-32C and `pwrite`s them, or answers fetches by `sendfile`.
It is the machine's limit for this work.

    tools/install interop          # once
    tools/bench/report --quick     # small loads, one round
    tools/bench/report             # large ones, three rounds

All of it is one run on one machine, over loopback, each peer in turn, every time as new processes
on fresh directories. Clients work on the same cores as the broker, so that rates tell of both; the
CPU seconds are of the broker's process alone, as the kernel counts them. Each cell has the median
of the rounds (least to most where there were several), and in brackets the ratio of the peer's
median to einmal's: **bold where the peer is ahead of einmal**. `results.jsonl` has every single
figure.
"""


def _number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def _triple(values):
    return statistics.median(values), min(values), max(values)


def _cell(values, ours, figure, peer):
    if not values:
        return "–"
    middle, least, most = _triple(values)
    text = _number(middle)
    if len(values) > 1:
        text += f" ({_number(least)} to {_number(most)})"
    if ours and peer.name != "einmal":
        own = statistics.median(ours)
        if own > 0:
            ratio = f"[{_number(middle / own)}×]"
            ahead = middle > own if figure.higher_is_better else middle < own
            text += f" **{ratio}**" if ahead and peer.is_rival else f" {ratio}"
    return text


def _table(group, name, values):
    """The lines of a table, and rows for a plot."""
    figure = FIGURES[name]
    shown = [peer for peer in peers.ALL.values()
             if any(values[scenario.name][name][peer.name] for scenario in group.scenarios)]
    lines = [f"**{figure.title}**, {'higher' if figure.higher_is_better else 'lower'} is better",
             "", "| | " + " | ".join(peer.title for peer in shown) + " |",
             "|---|" + "---|" * len(shown)]
    rows = []
    for scenario in group.scenarios:
        by_peer = values[scenario.name][name]
        if not any(by_peer[peer.name] for peer in shown):
            continue
        cells = [_cell(by_peer[peer.name], by_peer["einmal"], figure, peer) for peer in shown]
        lines.append(f"| {scenario.title} | " + " | ".join(cells) + " |")
        rows.append((scenario.title, {peer.name: _triple(by_peer[peer.name]) for peer in shown
                                      if by_peer[peer.name]}))
    return shown, rows, lines


def _curve(group, name, values, shown):
    lines = {}
    for peer in shown:
        points = [(float(scenario.title.replace(",", "")),
                   statistics.median(values[scenario.name][name][peer.name]))
                  for scenario in group.scenarios if values[scenario.name][name][peer.name]]
        if points:
            lines[peer.name] = points
    return lines


def _section(directory, group, results):
    values, errors = results.values(), results.errors()
    lines = ["", f"## {group.title}", "", group.about]
    for name in group.tables:
        shown, rows, table = _table(group, name, values)
        if not rows:
            continue
        picture = f"{group.name}-{name.replace('_', '-')}.svg"
        titles = {peer.name: peer.title for peer in shown}
        title = f"{group.title}: {FIGURES[name].title}"
        if group.axis:
            drawn = plot.curve(title, group.axis, titles, _curve(group, name, values, shown))
        else:
            drawn = plot.bars(title, titles, rows)
        (directory / picture).write_text(drawn)
        lines += ["", *table, "", f"![{title}]({picture})"]
    for peer in peers.ALL.values():
        failed = [scenario for scenario in group.scenarios if (scenario.name, peer.name) in errors]
        for reason, alike in itertools.groupby(failed, lambda one: errors[one.name, peer.name]):
            of = ", ".join(f"“{scenario.title}”" for scenario in alike)
            lines += ["", f"No figure of {peer.title} for {of}: {reason.rstrip('.')}."]
    return lines if len(lines) > 4 else []


def _exactly_once(values):
    """Throughput of exactly once over at most once."""
    pairs = (("librdkafka", "librdkafka-exactly-once", "librdkafka-at-most-once"),
             ("kafka-producer-perf-test", "producer-perf-transactions", "producer-perf-acks-0"),
             ("prepared frames", "produce-1024-1-transactions-100-ms", "produce-1024-1-acks-0"))
    rows = []
    shown = [peer for peer in peers.ALL.values() if not peer.is_null]
    for title, exactly, most in pairs:
        cells = []
        for peer in shown:
            above, below = (values[name]["mb_per_s"][peer.name] for name in (exactly, most))
            cells.append(f"{statistics.median(above) / statistics.median(below):.2f}"
                         if above and below else "–")
        if any(cell != "–" for cell in cells):
            rows.append(f"| {title} | " + " | ".join(cells) + " |")
    if not rows:
        return []
    return ["", "## Exactly once over at most once", "",
            "MB/s with transactions of 100 ms over MB/s with acks=0, records of 1 KiB.", "",
            "| | " + " | ".join(peer.title for peer in shown) + " |",
            "|---|" + "---|" * len(shown), *rows]


def write(directory, groups, results):
    lines = [HEAD]
    if results.is_quick():
        lines += [f"These are the small loads of `--quick`, rounds: {results.rounds()}.", ""]
    lines += ["## The machine", ""]
    lines += [f"- {name}: {value}" for name, value in results.machine().items()]
    lines += [f"- {name} {version}" for name, version in results.versions().items() if version]
    lines += _exactly_once(results.values())
    for group in groups:
        lines += _section(directory, group, results)
    (directory / "README.md").write_text("\n".join(lines) + "\n")
