"""Compares what einmal dump-log and Apache Kafka's DumpLogSegments print of the same files.

Arguments: the einmal binary, the class path of Kafka's tools, then data directories. Every line of
both has to be there once in the other, in the same order. One line per difference, then
`N passed, N failed`, each a file. The exit status is 1 when a file failed, or when there was none.
"""

import difflib
import pathlib
import re
import subprocess
import sys

from judge import SUFFIXES, files_by_decoder

# What Kafka's tool alone says: it takes the first record of a segment for a gap.
FIRST_RECORD = re.compile(r"^ *-1 is followed by \d+$")
SUMMARY = re.compile(r"^(Mismatches in :|Found timestamp mismatch in :|Non-consecutive offsets in "
                     r"|Found out of order timestamp in :|The following indexed offsets)")
# Where a record cannot be decoded, each gives a reason in words of its own.
REASON = re.compile(r"(Error at (offset )?\d+, skipping\.).*$")


def kafka(classpath, decoder, files):
    return ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp", classpath,
            "org.apache.kafka.tools.DumpLogSegments", *arguments(decoder, files)]


def arguments(decoder, files):
    named = ["--files", ",".join(map(str, files))]
    return ["--print-data-log", *named, *([decoder] if decoder else [])]


def facts(command):
    """The lines on stdout by file, and those on stderr that are facts, too."""
    result = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace",
                            check=False)
    by_file = {}
    lines = []
    for line in result.stdout.split("\n"):
        if line.startswith("Dumping "):
            lines = by_file.setdefault(line.removeprefix("Dumping "), [])
        elif line:
            lines.append(REASON.sub(r"\1", line))
    complaints = [line for line in result.stderr.splitlines()
                  if not SUMMARY.match(line) and not FIRST_RECORD.match(line)
                  and not line.startswith("SLF4J")]
    return by_file, sorted(complaints), result.returncode


def differences(expected, actual):
    diff = difflib.unified_diff(expected, actual, "kafka", "einmal", lineterm="", n=0)
    return [line for line in diff if line[0] in "+-" and line[:3] not in ("+++", "---")]


def main():
    einmal, classpath, *directories = sys.argv[1:]
    passed = failed = lines = 0
    for directory in map(pathlib.Path, directories):
        for decoder, files in files_by_decoder(directory).items():
            assert all(file.suffix in SUFFIXES for file in files)
            expected, expected_complaints, expected_status = facts(
                kafka(classpath, decoder, files))
            actual, actual_complaints, status = facts(
                [einmal, "dump-log", *arguments(decoder, files)])
            wrong = {str(file): differences(expected.get(str(file), ["not dumped"]),
                                            actual.get(str(file), ["missing"])) for file in files}
            wrong[f"{directory} on stderr"] = differences(
                [*expected_complaints, f"status {expected_status}"],
                [*actual_complaints, f"status {status}"])
            lines += sum(map(len, actual.values()))
            for path, different in wrong.items():
                passed += not different
                failed += bool(different)
                for line in different[:5]:
                    print(f"{path}: {line}")
    print(f"{lines} lines compared")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
