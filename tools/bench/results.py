"""Raw results, a line of JSON each, kept as they come: a run that was cut short goes on."""
import json
from collections import defaultdict


class Results:
    def __init__(self, path, fresh=False):
        self.path = path
        self.rows = []
        if fresh:
            path.unlink(missing_ok=True)
        if path.exists():
            self.rows = [json.loads(line) for line in path.read_text().splitlines()]

    def add(self, **row):
        self.rows.append(row)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def finish(self, *run):
        """All rows of this run (round, group, peer) are there; without it they do not count."""
        self.add(finished=run)

    def has(self, *run):
        return any(row.get("finished") == list(run) for row in self.rows)

    def _counting(self):
        finished = {tuple(row["finished"]) for row in self.rows if "finished" in row}
        return [row for row in self.rows
                if (row.get("round"), row.get("group"), row.get("peer")) in finished]

    def machine(self):
        return next((row["machine"] for row in reversed(self.rows) if "machine" in row), {})

    def is_quick(self):
        return next((row["quick"] for row in reversed(self.rows) if "quick" in row), False)

    def rounds(self):
        return max((row["round"] for row in self._counting()), default=0)

    def versions(self):
        return next((row["versions"] for row in reversed(self.rows) if "versions" in row), {})

    def values(self):
        """By scenario, figure and peer: the values of all rounds."""
        found = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for row in self._counting():
            for figure, value in row.get("figures", {}).items():
                found[row["scenario"]][figure][row["peer"]].append(value)
        return found

    def errors(self):
        """By scenario and peer: why there is no figure."""
        return {(row["scenario"], row["peer"]): row["error"] for row in self._counting()
                if "error" in row}
