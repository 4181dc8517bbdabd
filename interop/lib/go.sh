# Runs a folder of Go tests. Sourced by the suites in Go, after broker.sh.

# A Go that the system has, if it is new enough for the clients; else the one that go.mod names,
# which is itself a module that the configured module proxy serves.
find_go() {
  local go version toolchain
  for go in "$(command -v go)" /usr/local/go/bin/go; do
    if [[ -x $go ]] && "$go" list -e -C "$interop_dir/go" . >/dev/null 2>&1; then
      echo "$go"
      return
    fi
  done
  go=$(command -v go) || { echo "no go command to start from" >&2; return 1; }
  version=$(sed -n 's/^go //p' "$interop_dir/go/go.mod")
  toolchain=golang.org/toolchain@v0.0.1-go$version.linux-$("$go" env GOARCH)
  (cd "$cache_dir" && "$go" mod download "$toolchain") >&2
  toolchain=$("$go" env GOMODCACHE)/$toolchain
  chmod -R u+x "$toolchain/bin" "$toolchain/pkg/tool" >&2
  echo "$toolchain/bin/go"
}

# run_go_tests SUITE FOLDER [ARGUMENT...]: arguments go to `go test`. Ends with the line that every
# suite ends with.
run_go_tests() {
  local go report=$cache_dir/$1.report result=0
  go=$(find_go)
  # librdkafka comes as a library to link with, by whatever C compiler there is.
  if ! command -v gcc >/dev/null; then export CC=clang-19; fi
  need_broker
  (cd "$2" && CGO_ENABLED=1 GOFLAGS=-mod=readonly "$go" test -count=1 -v "${@:3}" .) \
    >"$report" 2>&1 || result=$?
  cat "$report"
  awk '/^--- PASS/ { passed++ } /^--- FAIL/ { failed++ }
    END { printf "%d passed, %d failed\n", passed, failed }' "$report"
  return $result
}
