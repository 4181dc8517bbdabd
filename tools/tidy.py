#!/usr/bin/env python3
"""A test of how the code is laid out; prints file:line for each rule that is broken.

Lines of at most 100 columns, functions of at most 70 lines, files of at most 600; who includes
whom; nothing left over: no marks of unfinished work, no dead files, no paths of one machine.
"""
import os
import re
import subprocess
import sys

LINE_MAX = 100
FUNCTION_MAX = 70
FILE_MAX = 600

CODE = (".cc", ".h")
SCRIPTS = (".py", ".java", ".go", ".js", ".mjs", ".rs", ".sh")

# Which folders a file of a folder may include; the longest prefix of a path counts. What may be
# included is a prefix, too.
STATE_MACHINES = ("protocol/", "broker/coordinator/record.h")
LAYERS = {
    "protocol/": ("protocol/",),
    "storage/": ("protocol/", "storage/"),
    "broker/config/": ("protocol/", "storage/", "broker/config/"),
    "broker/coordinator/group/": (*STATE_MACHINES, "broker/coordinator/group/",
                                  "broker/coordinator/regular_expression"),
    "broker/coordinator/share/": (*STATE_MACHINES, "broker/coordinator/share/"),
    "broker/coordinator/transaction/": (*STATE_MACHINES, "broker/coordinator/transaction/",
                                        "broker/coordinator/regular_expression"),
    "broker/quota/": ("protocol/", "broker/quota/", "broker/recently_used.h"),
    "broker/security/": ("protocol/", "broker/security/"),
    "broker/telemetry/": ("protocol/", "broker/config/", "broker/coordinator/regular_expression",
                          "broker/recently_used.h", "broker/telemetry/"),
    "broker/coordinator/regular_expression": ("protocol/", "broker/coordinator/regular_expression"),
}
# Inside broker: net -> api -> coordinator, partition, metadata -> storage. What is left of a
# folder in the list may not be included by it.
ABOVE = {
    "broker/api/": ("broker/net/",),
    "broker/coordinator/": ("broker/net/", "broker/api/"),
    "broker/partition/": ("broker/net/", "broker/api/"),
    "broker/share/": ("broker/net/", "broker/api/"),
    "broker/metadata/": ("broker/net/", "broker/api/"),
}
# Pure state machines know no time, chance, files or threads.
IMPURE = {"asio", "chrono", "thread", "mutex", "random", "filesystem", "fstream", "ctime",
          "unistd.h", "sys/", "spdlog"}
PURE_FOLDERS = ("broker/coordinator/group/", "broker/coordinator/share/",
                "broker/coordinator/transaction/", "broker/quota/", "broker/share/acquire",
                "broker/share/share_partition.", "broker/telemetry/", "storage/producer_state",
                "storage/leader_epochs")

# Spelled apart so that this file does not break its own rule.
MARKS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) +
                   r")\b|not (yet )?imple" "mented|unimple" "mented")
MACHINE_PATHS = re.compile(r"""(?<![\w.$}/:])/(work|tmp|home|root|Users|mnt)/[\w.]""")
# A switch that maps one name to another is a table: its rows do not make a function long.
TABLE_ROW = re.compile(r"\s*case [^;]*: return [^;]*;$")
MACHINE_PATHS_ALLOWED = ("docs/", "README.md", "CONTRIBUTING.md")


class Report:
    def __init__(self):
        self.broken = set()
        self.checked = 0

    def add(self, path, line, text):
        print(f"{path}:{line}: {text}")
        self.broken.add(path)


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=True).stdout.split("\n")
    return sorted({path for path in listed if path and os.path.isfile(path)})


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().split("\n")


def check_lines(report, path, lines):
    in_raw_string = False
    for number, line in enumerate(lines, 1):
        # A raw string is data; it cannot be broken into lines.
        in_raw_string = in_raw_string or 'R"(' in line
        if len(line) > LINE_MAX and not in_raw_string:
            report.add(path, number, f"{len(line)} columns, more than {LINE_MAX}")
        if MARKS.search(line):
            report.add(path, number, "a mark of unfinished work")
        if ')"' in line[line.find('R"(') + 1:]:
            in_raw_string = False
        if MACHINE_PATHS.search(line) and not path.startswith(MACHINE_PATHS_ALLOWED):
            report.add(path, number, "a path of one machine")
    if len(lines) - 1 > FILE_MAX:
        report.add(path, len(lines) - 1, f"{len(lines) - 1} lines, more than {FILE_MAX}")


def check_functions(report, path, lines):
    """As clang-format writes it, a function at namespace or class level ends at a brace in the
    column where its first line began."""
    opening = re.compile(r"^ {0,8}(?!namespace\b|struct\b|class\b|enum\b|union\b|extern\b)\S.*\{$")
    start = None
    indent = ""
    for number, line in enumerate(lines, 1):
        if start is None:
            if opening.match(line) and looks_like_function(lines, number - 1):
                start = first_line_of(lines, number)
                first = lines[start - 1]
                indent = first[:len(first) - len(first.lstrip())]
        elif line.startswith(indent + "}") and not line.startswith(indent + " "):
            count = sum(not TABLE_ROW.match(text) for text in lines[start - 1:number])
            if count > FUNCTION_MAX:
                report.add(path, start, f"a function of {count} lines, more than {FUNCTION_MAX}")
            start = None


def looks_like_function(lines, index):
    """A parameter list closes before the brace; a table of initializers has none."""
    text = " ".join(line.strip() for line in lines[max(0, index - 3):index + 1])
    tail = text[text.rfind(";") + 1:]
    return bool(re.search(r"\)\s*(const|noexcept|override|final|&|->\s*[\w:<>,&*\s]+|"
                          r":\s.*)*\s*\{$", tail)) and not re.search(r"=\s*\{$", tail)


def first_line_of(lines, number):
    """Parameters may stand on lines before the one with the brace."""
    depth = 0
    for at in range(number, 0, -1):
        depth += lines[at - 1].count(")") - lines[at - 1].count("(")
        if depth <= 0:
            return at
    return number


def matching(table, path):
    found = [prefix for prefix in table if path.startswith(prefix)]
    return max(found, key=len) if found else None


def check_includes(report, path, lines):
    layer = matching(LAYERS, path)
    above = matching(ABOVE, path)
    for number, line in enumerate(lines, 1):
        found = re.match(r'#include (?:"([^"]+)"|<([^>]+)>)', line)
        if not found:
            continue
        own, system = found.groups()
        if own and layer and not own.startswith(LAYERS[layer]):
            report.add(path, number, f"{layer} may not include {own}")
        if own and above and own.startswith(ABOVE[above]):
            report.add(path, number, f"{above} may not include {own}")
        # The clients of interop/ stand outside of the tree and include what is beside them.
        beside = path.startswith("interop/") and os.path.join(os.path.dirname(path), own or "")
        if own and not os.path.isfile(own) and not (beside and os.path.isfile(beside)):
            report.add(path, number, f"no file {own} from the root")
        if system and path.startswith(PURE_FOLDERS):
            if any(system == name or system.startswith((name + "/", name + "."))
                   or (name.endswith("/") and system.startswith(name)) for name in IMPURE):
                report.add(path, number, f"a pure state machine may not include <{system}>")
        if own and path.startswith(PURE_FOLDERS) and own.startswith("storage/file"):
            report.add(path, number, f"a pure state machine may not include {own}")


def check_dead_files(report, code):
    """Every .cc is named in a meson.build of its folder or above; every .h is included, but for
    precompiled ones, which meson.build names."""
    included = set()
    for path, lines in code.items():
        for line in lines:
            found = re.match(r'#include "([^"]+)"', line)
            if found:
                included.add(found.group(1))
                included.add(os.path.join(os.path.dirname(path), found.group(1)))
    for path in code:
        if path.endswith(".h") and path not in included and not path.startswith("pch/"):
            report.add(path, 1, "no file includes it")
        if path.endswith(".cc") and not is_built(path):
            report.add(path, 1, "no meson.build names it")


def is_built(path):
    folder = os.path.dirname(path)
    while True:
        build = os.path.join(folder, "meson.build")
        if os.path.isfile(build):
            with open(build, encoding="utf-8") as file:
                if f"'{os.path.relpath(path, folder or '.')}'" in file.read():
                    return True
        if not folder:
            return False
        folder = os.path.dirname(folder)


def main():
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    report = Report()
    code = {}
    for path in tracked_files():
        is_script = path.endswith(SCRIPTS) or (path.startswith(("tools/", ".ci/")) and
                                               os.access(path, os.X_OK))
        if path.startswith("subprojects/") or not (path.endswith(CODE) or is_script):
            continue
        lines = read(path)
        report.checked += 1
        check_lines(report, path, lines)
        if path.endswith(CODE):
            code[path] = lines
            check_functions(report, path, lines)
            check_includes(report, path, lines)
    check_dead_files(report, code)
    failed = len(report.broken)
    print(f"tidy: {report.checked - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
