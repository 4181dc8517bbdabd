/**
 * Makes a topic to whose partition 0 the broker cannot write a transaction's marker: a transaction
 * that has it in stays prepared.
 */
interface Obstacle {
    String TOPIC = "without-markers";

    void place(Broker broker) throws Exception;
}
