# Installs a suite's packages and runs tests with them. Sourced by the suites in Python, after
# broker.sh.

# run_pytest SUITE TEST...: with interop/SUITE/requirements.txt; whatever pytest takes is a TEST.
run_pytest() {
  local requirements=$interop_dir/$1/requirements.txt venv=$cache_dir/$1/venv
  install_requirements() {
    python3 -m venv --clear "$venv" && "$venv/bin/pip" install -q -r "$requirements"
  }
  once "$cache_dir/$1/installed" "$requirements" -- install_requirements
  need_broker
  PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" -m pytest -q -p no:cacheprovider \
    --disable-warnings "${@:2}"
}
