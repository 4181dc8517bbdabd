import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs the main methods of Kafka's tools one after the other, because a JVM of its own costs each
 * more than all that it does. To a tool it is a JVM of its own: arguments, standard streams, exit
 * status, shutdown hooks, and an end only when its last thread that is no daemon ends.
 *
 * <p>A request on standard input is the tool's input, the number of its texts, and these: its class
 * and arguments. The answer on standard output is the exit status, the output and the errors. A
 * number is four bytes; a text, its length and UTF-8.
 */
final class ToolRunner {
    /** Of the tool whose thread asks: one that is left over from an earlier tool has that one's. */
    private static final InheritableThreadLocal<Run> current = new InheritableThreadLocal<>();

    /** Unwinds the stack of a tool that ends its JVM, so that it closes what it has opened. */
    private static final class Ended extends Error {
        private static final long serialVersionUID = 1;

        Ended() {
            super(null, null, false, false);
        }
    }

    /** One run of a tool. */
    private static final class Run {
        final InputStream in;
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        final List<Runnable> hooks = new CopyOnWriteArrayList<>();
        private volatile Integer status;
        private volatile boolean isMute;

        Run(byte[] input) {
            in = new ByteArrayInputStream(input);
        }

        int status() {
            return status;
        }

        /** Where the tool writes: nowhere once it would have ended its JVM. */
        OutputStream open(OutputStream stream) {
            return isMute ? OutputStream.nullOutputStream() : stream;
        }

        /** Only the first time counts: what unwinds may want to end the JVM, too. */
        synchronized void end(int with) {
            if (status == null) status = with;
        }

        Ended exit(int with) {
            end(with);
            isMute = true;
            return new Ended();
        }

        void toItsEnd(String name, String[] arguments) throws InterruptedException {
            var group = new ThreadGroup(name);
            run(group, () -> main(name, arguments));
            if (status == null) joinThreads(group);
            isMute = false;
            for (Runnable hook : hooks) run(group, hook);
            end(0);
            isMute = true;
        }

        private void run(ThreadGroup group, Runnable task) throws InterruptedException {
            var thread = new Thread(group, () -> {
                current.set(this);
                task.run();
            }, "main");
            thread.start();
            thread.join();
        }

        private void main(String name, String[] arguments) {
            Throwable failure;
            try {
                Class.forName(name).getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
                return;
            } catch (InvocationTargetException thrown) {
                failure = thrown.getCause();
            } catch (ReflectiveOperationException thrown) {
                failure = thrown;
            }
            if (status == null) {
                System.err.print("Exception in thread \"main\" ");
                failure.printStackTrace();
                end(1);
            }
        }

        private static void joinThreads(ThreadGroup group) throws InterruptedException {
            var threads = new Thread[group.activeCount() + 10];
            int count = group.enumerate(threads);
            for (int i = 0; i < count; i++) {
                if (!threads[i].isDaemon()) threads[i].join();
            }
        }
    }

    /** What tools and libraries remember as a standard stream, for all runs. */
    private static final class Input extends InputStream {
        @Override public int read() throws IOException {
            return current.get().in.read();
        }

        @Override public int read(byte[] bytes, int from, int count) throws IOException {
            return current.get().in.read(bytes, from, count);
        }
    }

    private static final class Output extends OutputStream {
        private final Supplier<OutputStream> stream;

        Output(Supplier<OutputStream> stream) {
            this.stream = stream;
        }

        static PrintStream of(Supplier<OutputStream> stream) {
            return new PrintStream(new Output(stream), true, StandardCharsets.UTF_8);
        }

        @Override public void write(int one) throws IOException {
            stream.get().write(one);
        }

        @Override public void write(byte[] bytes, int from, int count) throws IOException {
            stream.get().write(bytes, from, count);
        }
    }

    private static byte[] readBytes(DataInputStream from) throws IOException {
        return from.readNBytes(from.readInt());
    }

    private static String readText(DataInputStream from) throws IOException {
        return new String(readBytes(from), StandardCharsets.UTF_8);
    }

    private static void writeBytes(DataOutputStream to, byte[] bytes) throws IOException {
        to.writeInt(bytes.length);
        to.write(bytes);
    }

    private static Run run(DataInputStream request) throws IOException, InterruptedException {
        var run = new Run(readBytes(request));
        var arguments = new String[request.readInt() - 1];
        String name = readText(request);
        for (int i = 0; i < arguments.length; i++) arguments[i] = readText(request);
        run.toItsEnd(name, arguments);
        return run;
    }

    /** Ends when it is ended. */
    public static void main(String[] none) throws IOException, InterruptedException {
        var requests = new DataInputStream(new BufferedInputStream(System.in));
        var answers = new DataOutputStream(System.out);
        System.setIn(new Input());
        System.setOut(Output.of(() -> current.get().open(current.get().out)));
        System.setErr(Output.of(() -> current.get().open(current.get().err)));
        Exit.setExitProcedure((status, message) -> { throw current.get().exit(status); });
        Exit.setHaltProcedure((status, message) -> { throw current.get().exit(status); });
        Exit.setShutdownHookAdder((name, hook) -> current.get().hooks.add(hook));
        while (true) {
            var run = run(requests);
            answers.writeInt(run.status());
            writeBytes(answers, run.out.toByteArray());
            writeBytes(answers, run.err.toByteArray());
            answers.flush();
        }
    }
}
