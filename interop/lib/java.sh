# Builds and runs folders of JUnit tests. Sourced by the suites in Java, after broker.sh.

# java_classpath SUITE [VERSION]: prints the classpath of interop/SUITE/pom.xml; VERSION is that of
# the client, where the pom leaves it open.
java_classpath() {
  local name=$1${2:+-$2} pom=$interop_dir/$1/pom.xml
  once "$cache_dir/$name/fetched" "$pom" -- \
    mvn -q -B -f "$pom" dependency:build-classpath ${2:+"-Dkafka.version=$2"} \
    -Dmdep.outputFile="$cache_dir/$name/classpath" || return 1
  cat "$cache_dir/$name/classpath"
}

# compile_java SUITE CLASSPATH FOLDER...: compiles lib/java and the folders of interop/.
compile_java() {
  local out=$cache_dir/$1 classpath=$2 sources=("$interop_dir"/lib/java/*.java)
  for folder in "${@:3}"; do sources+=("$interop_dir/$folder"/*.java); done
  # What an earlier compilation has left would be run, too.
  javac_anew() {
    rm -rf "$out/classes"
    javac -Xlint:all,-processing,-try -Werror -d "$out/classes" -cp "$classpath" "$@"
  }
  once "$out/compiled" "$interop_dir/$1/pom.xml" "${sources[@]}" -- javac_anew "${sources[@]}"
}

# run_junit SUITE CLASSPATH [ARGUMENT...]: runs what has been compiled; arguments go to JUnit's
# console. Adds its counts to java_passed and java_failed.
java_passed=0
java_failed=0
run_junit() {
  local out=$cache_dir/$1 classpath=$2 result=0 passed failed
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$out/classes:$classpath" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors \
    --details=tree --scan-classpath="$out/classes" "${@:3}" >"$out/report" 2>&1 || result=$?
  cat "$out/report"
  read -r passed failed < <(awk '/tests successful/ { passed = $2 } /tests failed/ { failed = $2 }
    END { print passed + 0, failed + 0 }' "$out/report")
  java_passed=$((java_passed + passed))
  java_failed=$((java_failed + failed))
  return $result
}

print_java_counts() { echo "$java_passed passed, $java_failed failed"; }

# run_java_tests SUITE FOLDER... -- [ARGUMENT...]: compiles the folders against interop/SUITE's pom,
# runs their tests, and ends with the line that every suite ends with.
run_java_tests() {
  local suite=$1 folders=() classpath result=0
  shift
  while [[ $1 != -- ]]; do folders+=("$1"); shift; done
  shift
  classpath=$(java_classpath "$suite")
  compile_java "$suite" "$classpath" "${folders[@]}"
  need_broker
  run_junit "$suite" "$classpath" "$@" || result=$?
  print_java_counts
  return $result
}
