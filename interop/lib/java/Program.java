import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A class with a main method, in a process of its own that can be killed and suspended. */
final class Program implements AutoCloseable {
    private static final String JAVA = ProcessHandle.current().info().command().orElseThrow();

    private final Process process;
    private final BufferedReader output;

    /** Runs the class on this process's class path, with a heap of at most so many megabytes. */
    Program(int heapMegabytes, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA, "-Xmx" + heapMegabytes + "m",
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp",
            System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        output = process.inputReader();
    }

    /** The next line of what it prints; waits for it. */
    String readLine() throws Exception {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return output.readLine();
            } catch (IOException exception) {
                throw new UncheckedIOException(exception);
            }
        }).get(Clients.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Waits for a line that matches the regular expression. */
    void waitForLine(String pattern) throws Exception {
        Clients.waitUntil("the program prints " + pattern, () -> {
            String line = readLine();
            if (line == null) {
                throw new AssertionError("the program has ended");
            }
            return line.matches(pattern);
        });
    }

    /** Writes a line to its input. */
    void proceed() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void suspend() throws Exception {
        signal("-STOP");
    }

    void wake() throws Exception {
        signal("-CONT");
    }

    private void signal(String name) throws Exception {
        new ProcessBuilder("kill", name, Long.toString(process.pid())).start().waitFor();
    }

    /** Lets it finish what it has begun and leave. */
    void stop() {
        process.destroy();
        process.onExit().orTimeout(Clients.DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** Ends it as a crash does. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
