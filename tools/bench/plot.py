"""Plots as SVG, by hand: bars for scenarios, lines for curves."""
import math
from html import escape

COLOURS = {"einmal": "#1b7837", "einmal-2": "#7fbf7b", "kafka": "#762a83",
           "kfake-memory": "#4393c3", "kfake-disk": "#2166ac", "null": "#999999"}
WIDTH = 900
LEFT, RIGHT = 330, 60
BAR, GAP = 11, 10
STYLE = ("<style>text{font:12px sans-serif;fill:#222}.title{font-weight:bold}"
         ".axis{stroke:#ccc}</style>")


def _number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _svg(height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
            f'width="{WIDTH}" height="{height:.0f}">{STYLE}'
            f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n')


def _text(x, y, text, anchor="start", kind=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
            f'{escape(text)}</text>')


def _legend(peers, y):
    parts, x = [], 10
    for name, title in peers.items():
        parts.append(f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{COLOURS[name]}"/>')
        parts.append(_text(x + 14, y, title))
        x += 30 + 7 * len(title)
    return parts


def bars(title, peers, rows):
    """Rows of (label, {peer: (median, minimum, maximum)}); the bar is the median, the line the
    rest. The scale is logarithmic where values are further apart than a hundred times."""
    values = [value for _, by_peer in rows for triple in by_peer.values() for value in triple
              if value > 0] or [1]
    low, high = min(values), max(values)
    if high / low > 100:
        title += " (logarithmic scale)"
        floor = 10 ** math.floor(math.log10(low) - 0.3)

        def scale(value):
            return max(0.0, math.log(max(value, floor) / floor) / math.log(high / floor))
    else:
        def scale(value):
            return value / high
    room = WIDTH - LEFT - RIGHT
    parts = [_text(10, 20, title, kind="title"), *_legend(peers, 40)]
    y = 58
    for label, by_peer in rows:
        parts.append(_text(LEFT - 8, y + BAR * max(1, len(by_peer)) / 2 + 4, label, "end"))
        for name in peers:
            if name not in by_peer:
                continue
            middle, least, most = by_peer[name]
            end = LEFT + scale(middle) * room
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR - 2}" '
                         f'fill="{COLOURS[name]}"/>')
            line = y + BAR / 2 - 1
            parts.append(f'<line x1="{LEFT + scale(least) * room:.1f}" y1="{line}" '
                         f'x2="{LEFT + scale(most) * room:.1f}" y2="{line}" stroke="#222"/>')
            right = max(end, LEFT + scale(most) * room)
            parts.append(_text(right + 4, y + BAR - 1, _number(middle)))
            y += BAR
        y += GAP
    return _svg(y + 4, parts)


def curve(title, axis, peers, lines):
    """Lines of {peer: [(x, y), …]}; x is logarithmic, y too."""
    points = [point for line in lines.values() for point in line]
    xs = [math.log10(x) for x, _ in points]
    ys = [math.log10(max(y, 1e-3)) for _, y in points]
    left, right = min(xs), max(xs)
    bottom, top = math.floor(min(ys)), math.ceil(max(ys))
    height, room_x, room_y = 360, WIDTH - 140, 250

    def place(x, y):
        return (70 + (math.log10(x) - left) / max(right - left, 1e-9) * room_x,
                60 + (top - math.log10(max(y, 1e-3))) / max(top - bottom, 1e-9) * room_y)
    parts = [_text(10, 20, title, kind="title"), *_legend(peers, 40)]
    for power in range(bottom, top + 1):
        _, y = place(10 ** left, 10 ** power)
        parts.append(f'<line class="axis" x1="70" x2="{70 + room_x}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(64, y + 4, _number(10 ** power), "end"))
    for x in sorted({x for x, _ in points}):
        at, _ = place(x, 10 ** bottom)
        parts.append(_text(at, 60 + room_y + 18, _number(x), "middle"))
    parts.append(_text(70 + room_x / 2, 60 + room_y + 38, axis, "middle"))
    for name, line in lines.items():
        path = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" '
                     'stroke-width="2"/>')
    return _svg(height, parts)
