# Builds and runs a folder of JUnit tests. Sourced by the suites in Java, after broker.sh.

# compile_java DIR CLASSPATH SOURCE...: into an empty DIR, so that no test outlives its source.
compile_java() {
  rm -rf "$1"
  javac -Xlint:all,-processing,-try -Werror -d "$1" -cp "$2" "${@:3}"
}

# run_java_tests SUITE [ARGUMENT...]: compiles interop/SUITE (pom.xml, src/*.java), runs its tests,
# and ends with the line that every suite ends with. Arguments go to JUnit's console.
run_java_tests() {
  local suite=$1 out=$cache_dir/$1 result=0
  shift
  once "$out/fetched" "$interop_dir/$suite/pom.xml" -- \
    mvn -q -B -f "$interop_dir/$suite/pom.xml" dependency:build-classpath \
    -Dmdep.outputFile="$out/classpath"
  local sources=("$interop_dir"/lib/java/*.java "$interop_dir/$suite"/src/*.java) classpath
  classpath=$(<"$out/classpath")
  once "$out/compiled" "$out/fetched" "${sources[@]}" -- \
    compile_java "$out/classes" "$classpath" "${sources[@]}"
  need_broker
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$out/classes:$classpath" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors \
    --details=tree --scan-classpath="$out/classes" "$@" >"$out/report" 2>&1 || result=$?
  cat "$out/report"
  awk '/tests successful/ { passed = $2 } /tests failed/ { failed = $2 }
    END { printf "%d passed, %d failed\n", passed, failed }' "$out/report"
  return $result
}
