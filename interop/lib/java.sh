# Builds and runs a folder of JUnit tests. Sourced by the suites in Java, after broker.sh.

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
    javac -Xlint:all,-processing,-try -Werror -d "$out/classes" -cp "$classpath" "${sources[@]}"
  need_broker
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$out/classes:$classpath" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors \
    --details=tree --scan-classpath="$out/classes" "$@" >"$out/report" 2>&1 || result=$?
  cat "$out/report"
  awk '/tests successful/ { passed = $2 } /tests failed/ { failed = $2 }
    END { printf "%d passed, %d failed\n", passed, failed }' "$out/report"
  return $result
}
