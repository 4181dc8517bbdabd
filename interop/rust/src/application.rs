//! The application of the exactly-once scenarios: it copies records and commits the results and its
//! place in the input in one transaction. A test kills or suspends it before its commit.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{channel, Receiver};
use std::thread;

use crate::DEADLINE;

/// How many records the application copies in one transaction.
pub const RECORD_COUNT: usize = 50;

/// What one run of the application works on.
#[derive(Clone)]
pub struct Job {
    pub transactional_id: String,
    pub group: String,
    pub input: String,
    pub output: String,
}

/// The application in its own process, which stops before its commit until it is told to go on.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    /// Starts `program`, of `src/bin/`.
    pub fn start(program: &str, job: &Job) -> Process {
        let mut child = Command::new(program)
            .args([&job.transactional_id, &job.group, &job.input, &job.output])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Process { child, lines }
    }

    pub fn expect_line(&self, wanted: &str) {
        assert_eq!(self.lines.recv_timeout(DEADLINE).as_deref(), Ok(wanted));
    }

    /// `name` as kill(1) has it: STOP, CONT.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("sh").args(["-c", "kill -s $0 $1", name, &pid]).status();
        assert!(status.unwrap().success());
    }

    /// Lets it go on to its commit.
    pub fn proceed(&mut self) {
        writeln!(self.child.stdin.as_ref().unwrap()).unwrap();
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
