//! What the tests of all clients have in common: names, deadlines, and the application of the
//! exactly-once scenarios as a process.

pub mod application;
pub mod librdkafka;

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// For whatever should happen at once; never waited for in full.
pub const DEADLINE: Duration = Duration::from_secs(60);

pub fn bootstrap() -> String {
    std::env::var("EINMAL_BOOTSTRAP").expect("EINMAL_BOOTSTRAP names a broker")
}

/// A name that no other test and no other run uses.
pub fn unique(prefix: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{now}-{}-{count}", std::process::id())
}

pub fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}")).collect()
}

pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        sleep(Duration::from_millis(10));
    }
}
