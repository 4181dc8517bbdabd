# Where the suites keep what they install: outside the source tree, so that a checkout stays clean.
# Sourced; sets interop_dir and cache_dir, and offers once().

interop_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache_dir=${EINMAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/einmal}
mkdir -p "$cache_dir"

# once STAMP INPUT... -- COMMAND...: runs COMMAND unless it has succeeded before with the same
# contents of the INPUT files. Its output is shown only if it fails.
once() {
  local stamp=$1 inputs=() sum log
  shift
  while [[ $1 != -- ]]; do inputs+=("$1"); shift; done
  shift
  sum=$(cat "${inputs[@]}" | sha256sum)
  if [[ -e $stamp && $(<"$stamp") == "$sum" ]]; then return; fi
  mkdir -p "$(dirname "$stamp")"
  log=$stamp.log
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
  echo "$sum" >"$stamp"
}
