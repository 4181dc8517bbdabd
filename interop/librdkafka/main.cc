// librdkafka, as Debian ships it, against a broker: runs the tests and counts them. With
// --application it is the application of the exactly-once scenarios instead.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "application.h"

namespace {

unsigned passed = 0;
unsigned failed = 0;

struct Counter : doctest::IReporter {
    explicit Counter(const doctest::ContextOptions&) {}
    void test_run_end(const doctest::TestRunStats& stats) override {
        failed = stats.numTestCasesFailed;
        passed = stats.numTestCasesPassingFilters - failed;
    }
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};

}  // namespace

REGISTER_LISTENER("counter", 0, Counter);

int main(int argc, char** argv) {
    if (argc == 7 && std::string(argv[1]) == "--application") {
        return interop::run_as_process({argv[2], argv[3], argv[4], argv[5], std::stoi(argv[6])});
    }
    const int result = doctest::Context(argc, argv).run();
    std::printf("%u passed, %u failed\n", passed, failed);
    return result;
}
