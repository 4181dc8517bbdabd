"""Runs every test_*.py beside it, and ends with the line that every suite ends with."""

import argparse
import os
import sys
import unittest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", action="append", help="only tests whose name has this in it")
    patterns = parser.parse_args().k
    loader = unittest.TestLoader()
    if patterns:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in patterns]
    tests = loader.discover(os.path.dirname(os.path.abspath(__file__)))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 0 if failed == 0 and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
