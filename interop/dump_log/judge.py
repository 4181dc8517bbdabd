"""Runs Apache Kafka's DumpLogSegments over data directories and judges what it prints.

Arguments: the class path of Kafka's tools, then directories. One line per file that has a fault,
then `N passed, N failed`. The exit status is 1 when a file failed, or when there was none.
"""

import pathlib
import re
import subprocess
import sys

SUFFIXES = {".log", ".index", ".timeindex", ".txnindex", ".snapshot", ".checkpoint"}
DECODERS = {
    "__consumer_offsets": "--offsets-decoder",
    "__transaction_state": "--transaction-log-decoder",
    "__share_group_state": "--share-group-state-decoder",
    "__cluster_metadata": "--cluster-metadata-decoder",
}

# What the tool says of a batch, a record or an entry while it dumps a file.
COMPLAINTS = re.compile(
    r"is[vV]alid: false"
    r"|^Found \d+ invalid bytes at the end of "
    r"|^Ignoring unknown file "
    r"|^Could not |^Snapshot is corrupt"
    r"|^Exception in thread"
    r"|^(org|java|kafka)\.[\w.]*(Exception|Error)\b"
    r"|^Unknown (record )?type"
)
# Of internal topics, whose payloads are the broker's own: what its decoder could not read.
UNDECODED = re.compile(r"Error at (offset )?\d+, skipping|Unknown record type .* skipping"
                       r"|Failed to decode message")
# The tool's summary after all files: a heading with the file it is about, then details.
HEADING = re.compile(
    r"^(?:Mismatches in :|Found timestamp mismatch in :|Found out of order timestamp in :"
    r"|The following indexed offsets are not found in :|Non-consecutive offsets in )(?P<path>.*)$"
)
GAP = re.compile(r"^ *(?P<before>-?\d+) is followed by (?P<after>\d+)$")


def partition_of(file):
    topic, _, partition = file.parent.name.rpartition("-")
    return topic, partition


def compacted_partitions(directory):
    """Those that the cleaner has been at: their offsets may have gaps."""
    checkpoint = directory / "cleaner-offset-checkpoint"
    if not checkpoint.exists():
        return set()
    return {tuple(line.split()[:2]) for line in checkpoint.read_text().splitlines()[2:]}


def dump(classpath, decoder, files):
    command = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classpath,
               "org.apache.kafka.tools.DumpLogSegments", "--deep-iteration", "--print-data-log",
               "--files", ",".join(map(str, files))]
    if decoder:
        command.append(decoder)
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8", errors="replace", check=False)


def judge(result, files, decoder, compacted):
    """The faults of each file, as the tool's own lines; no fault: an empty list."""
    faults = {str(file): ["was not dumped"] for file in files}
    current = heading = None
    for line in result.stdout.splitlines():
        dumping = line.removeprefix("Dumping ")
        summary = HEADING.match(line)
        gap = GAP.match(line)
        if dumping != line and dumping in faults:
            current = dumping
            faults[current] = []
        elif summary and summary["path"] in faults:
            heading = line
            if not line.startswith("Non-consecutive"):
                faults[summary["path"]].append(line)
        elif heading and gap:
            path = HEADING.match(heading)["path"]
            # The tool also takes the first record of a segment, coming from nowhere, for a gap.
            if gap["before"] != "-1" and partition_of(pathlib.Path(path)) not in compacted:
                faults[path].append(f"{heading}: {line.strip()}")
        elif COMPLAINTS.search(line) or (decoder and UNDECODED.search(line)):
            faults.setdefault(current or "the dump tool", []).append(line)
    if result.returncode != 0:
        faults.setdefault(current or "the dump tool", []).append(
            f"the tool ended with status {result.returncode}")
    return faults


def files_by_decoder(directory):
    groups = {}
    for file in sorted(directory.glob("*-*/*")):
        topic, partition = partition_of(file)
        if file.suffix in SUFFIXES and partition.isdigit():
            groups.setdefault(DECODERS.get(topic), []).append(file)
    return groups


def main():
    classpath, *directories = sys.argv[1:]
    passed = failed = 0
    for directory in map(pathlib.Path, directories):
        compacted = compacted_partitions(directory)
        for decoder, files in files_by_decoder(directory).items():
            faults = judge(dump(classpath, decoder, files), files, decoder, compacted)
            for path, lines in faults.items():
                passed += not lines
                failed += bool(lines)
                for line in lines[:5]:
                    print(f"{path}: {line}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
