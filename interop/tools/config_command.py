"""What the tests of kafka-configs have in common."""

from kafka_tools import CONFIGS, ToolTest


class ConfigCommandTest(ToolTest):
    """Tests of one kind of entity."""

    tool = CONFIGS

    def entity(self, kind, name):
        return ["--entity-type", kind, "--entity-name", name]

    def alter(self, entity, *change):
        return self.run_well(*entity, "--alter", *change)

    def describe(self, entity, *more):
        return self.run_well(*entity, "--describe", *more)
