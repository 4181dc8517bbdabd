//! Runs the application once: says `ready` before its commit, waits for a line, then says how the
//! commit went.

use std::env::args;
use std::io::stdin;

use interop::application::Job;
use interop::librdkafka::{code, copy_in_transaction};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut words = args().skip(1);
    let mut word = || words.next().unwrap();
    let job = Job { transactional_id: word(), group: word(), input: word(), output: word() };
    let outcome = copy_in_transaction(&job, || {
        println!("ready");
        stdin().read_line(&mut String::new()).unwrap();
    });
    match code(outcome.await) {
        None => println!("committed"),
        Some(code) => println!("{code:?}"),
    }
}
