/** What is claimed of a broker: a line for each, which says whether it holds. */
abstract class Claims {
    /** Throws where it does not hold. */
    interface Claim {
        void check() throws Exception;
    }

    private final String way;
    private int failed;

    Claims(String way) {
        this.way = way;
    }

    void claim(String text, Claim claim) {
        String outcome = "ok";
        try {
            claim.check();
        } catch (Exception | AssertionError exception) {
            failed++;
            outcome = "FAILED";
            text += "\n    " + exception;
        }
        System.out.println(outcome + " " + way + ": " + text);
    }

    static void equal(Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new AssertionError("it is " + found + ", not " + expected);
        }
    }

    /** 1 when a claim did not hold. */
    int exitStatus() {
        return failed == 0 ? 0 : 1;
    }
}
