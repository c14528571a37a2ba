//! Runs one program to its end, quietly: its output goes to a log, the reader gets
//! one line, a sign of life now and then, and the end of the log if it fails.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

use crate::say::{self, trouble};
use crate::{paths, stop};

/// How often a long silent step shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How much of the log a failure shows.
const LINES_SHOWN: usize = 30;

/// One program to run.
pub(crate) struct Job {
    name: String,
    command: Command,
    log: PathBuf,
    limit: Option<Duration>,
}

/// How a program ended, and where its words are.
pub(crate) struct Ending {
    pub(crate) status: ExitStatus,
    pub(crate) log: PathBuf,
}

impl Job {
    /// A program that keeps its log in the checkout's target folder under `name`.
    pub(crate) fn new(name: &str, program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(paths::root()).stdin(Stdio::null());
        let log = paths::notes().join(format!("{}.log", file_name(name)));
        Self { name: name.to_owned(), command, log, limit: None }
    }

    /// `cargo`, with words separated by blanks.
    pub(crate) fn cargo(name: &str, arguments: &str) -> Self {
        Self::new(name, "cargo").args(arguments.split_ascii_whitespace())
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn args(
        mut self,
        arguments: impl IntoIterator<Item: AsRef<OsStr>>,
    ) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The folder it runs in, if not the top of the checkout.
    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Where its words go, if not to the usual place.
    pub(crate) fn log_to(mut self, log: PathBuf) -> Self {
        self.log = log;
        self
    }

    /// The command itself, for what is rarer.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Command)) -> Self {
        change(&mut self.command);
        self
    }

    /// Ends the program after a while: for those that may wait for a network for ever.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs it and demands success.
    pub(crate) fn run(self) -> Result<Ending> {
        let name = self.name.clone();
        let ending = self.finish()?;
        if ending.status.success() {
            return Ok(ending);
        }
        Err(failure(&name, &ending))
    }

    /// Runs it and tells how it ended.
    pub(crate) fn finish(mut self) -> Result<Ending> {
        let group = self.spawn()?;
        self.wait(group)
    }

    fn wait(self, mut group: stop::Group) -> Result<Ending> {
        let began = Instant::now();
        let mut sign_of_life = began + HEARTBEAT;
        loop {
            if let Some(status) = group.ended()? {
                return Ok(Ending { status, log: self.log });
            }
            if let Some(limit) = self.limit.filter(|limit| began.elapsed() > *limit) {
                return Err(trouble(
                    format!("{} took more than {} s", self.name, limit.as_secs()),
                    &format!("What it said so far is in {}.", self.log.display()),
                ));
            }
            if Instant::now() >= sign_of_life {
                sign_of_life += HEARTBEAT;
                let words = fs::read_to_string(&self.log).unwrap_or_default();
                let last = words.lines().next_back().unwrap_or("nothing yet").trim();
                let last: String = last.chars().take(60).collect();
                say::step(&format!("  still at it, {}: {last}", self.name));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs it in view of the reader, without a log.
    pub(crate) fn on_screen(mut self) -> Result<ExitStatus> {
        let started = stop::Group::spawn(&mut self.command);
        let mut group = started.map_err(|error| self.not_started(&error))?;
        loop {
            if let Some(status) = group.ended()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it with both its outputs in the log.
    pub(crate) fn spawn(&mut self) -> Result<stop::Group> {
        let log = self.open_log()?;
        self.command.stdout(log.try_clone()?).stderr(log);
        stop::Group::spawn(&mut self.command).map_err(|error| self.not_started(&error))
    }

    /// Runs it and returns what it wrote to stdout; its stderr goes to the log.
    pub(crate) fn output(mut self) -> Result<Vec<u8>> {
        let name = self.name.clone();
        // Another xtask may be asking the same at this moment.
        let answer = self.log.with_extension(format!("{}.answer", std::process::id()));
        let log = self.open_log()?;
        let stdout = File::create(&answer)
            .with_context(|| format!("write {}", answer.display()))?;
        self.command.stdout(stdout).stderr(log);
        let started = stop::Group::spawn(&mut self.command);
        let group = started.map_err(|error| self.not_started(&error))?;
        let ending = self.wait(group)?;
        let words = fs::read(&answer)?;
        fs::remove_file(&answer)?;
        if ending.status.success() { Ok(words) } else { Err(failure(&name, &ending)) }
    }

    /// Where its words go.
    pub(crate) fn log(&self) -> &PathBuf {
        &self.log
    }

    fn open_log(&self) -> Result<File> {
        let folder = self.log.parent().expect("a log lies in a folder");
        fs::create_dir_all(folder)
            .and_then(|()| File::create(&self.log))
            .with_context(|| format!("write {}", self.log.display()))
    }

    fn not_started(&self, error: &std::io::Error) -> anyhow::Error {
        let program = self.command.get_program().display().to_string();
        if error.kind() == std::io::ErrorKind::NotFound {
            let hint = format!("Install it, or put it on PATH; {} needs it.", self.name);
            return trouble(format!("there is no program \"{program}\""), &hint);
        }
        anyhow!("start \"{program}\": {error}")
    }
}

/// Shows the end of the log, and says so.
fn failure(name: &str, ending: &Ending) -> anyhow::Error {
    let words = fs::read_to_string(&ending.log).unwrap_or_default();
    say::quote(&last_lines(&words, LINES_SHOWN));
    trouble(
        format!("{name} failed ({})", ending.status),
        &format!("The lines above are the end of {}.", ending.log.display()),
    )
}

/// The end of a text, whole lines only.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// A name as a file may bear it.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    name.to_lowercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_whole_lines() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 2), "a");
        assert_eq!(last_lines("", 2), "");
    }

    #[test]
    fn a_job_names_its_log() {
        assert_eq!(file_name("viceroy 0.22.0: compile"), "viceroy-0.22.0--compile");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Job::new("unit test of a missing program", "no-such-program")
            .finish()
            .err()
            .expect("fails");
        assert!(error.to_string().contains("no program \"no-such-program\""));
    }

    #[test]
    fn a_program_that_waits_too_long_is_ended() {
        let began = Instant::now();
        let job = Job::new("unit test of a limit", "sh")
            .args(["-c", "sleep 60 & sleep 60"])
            .within(Duration::from_millis(50));
        assert!(job.finish().is_err());
        assert!(began.elapsed() < Duration::from_secs(2));
    }
}
