//! The run: in every round every module gets every page, in turns, so that whatever else
//! the machine does meets all of them alike.

use std::thread;
use std::time::{Duration, Instant};

use crate::cpu;
use crate::lanes::Lane;
use crate::pages::Subject;

/// How much is asked.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// Requests a batch, for the smallest page.
    pub(crate) requests: usize,
}

impl Effort {
    pub(crate) const FULL: Self = Self { rounds: 12, requests: 120 };
    pub(crate) const QUICK: Self = Self { rounds: 2, requests: 24 };
}

/// Visitors at once while requests a second are counted: enough to keep two cores busy.
pub(crate) const AT_ONCE: usize = 4;

/// What one module did with one page.
pub(crate) struct Cell {
    pub(crate) module: &'static str,
    pub(crate) page: &'static str,
    pub(crate) rounds: Vec<Round>,
    /// Of every request of every round.
    pub(crate) times: Vec<Duration>,
}

/// One round's batch of requests.
pub(crate) struct Round {
    pub(crate) requests_per_second: f64,
    pub(crate) median: Duration,
    pub(crate) cpu: Duration,
    pub(crate) first_byte: Duration,
    pub(crate) first_byte_halved: Duration,
    pub(crate) first_byte_slow: Duration,
}

pub(crate) fn run(lanes: &[Lane; 3], subjects: &[Subject], effort: Effort) -> Vec<Cell> {
    let mut cells: Vec<_> = subjects
        .iter()
        .flat_map(|subject| lanes.iter().map(move |lane| (lane.name, subject.name)))
        .map(|(module, page)| Cell { module, page, rounds: vec![], times: vec![] })
        .collect();
    for subject in subjects {
        for lane in lanes {
            // The first requests compile and fault in what the others find ready.
            one_after_another(lane, subject, batch(subject, effort));
        }
    }
    for round in 0..effort.rounds {
        for (row, subject) in subjects.iter().enumerate() {
            // Another module is first in every round.
            for turn in 0..lanes.len() {
                let column = (turn + round) % lanes.len();
                let cell = &mut cells[row * lanes.len() + column];
                let (done, times) =
                    measure(&lanes[column], subject, batch(subject, effort));
                cell.rounds.push(done);
                cell.times.extend(times);
            }
        }
        eprintln!("round {} of {}", round + 1, effort.rounds);
    }
    cells
}

fn batch(subject: &Subject, effort: Effort) -> usize {
    (effort.requests / subject.weight).max(6)
}

fn measure(lane: &Lane, subject: &Subject, requests: usize) -> (Round, Vec<Duration>) {
    let before = cpu::used_by(lane.site.pid());
    let (times, first) = one_after_another(lane, subject, requests);
    let used = cpu::used_by(lane.site.pid()).saturating_sub(before);
    let halved = first_bytes(lane, subject, &subject.halved_path(), requests.div_ceil(4));
    // Few, because most of each is the origin's own time.
    let slow = first_bytes(lane, subject, &subject.slow_path(), 3);
    let round = Round {
        requests_per_second: several_at_once(lane, subject, requests),
        median: median(times.clone()),
        cpu: used / u32::try_from(requests).expect("a batch is small"),
        first_byte: median(first),
        first_byte_halved: median(halved),
        first_byte_slow: median(slow),
    };
    (round, times)
}

fn one_after_another(
    lane: &Lane,
    subject: &Subject,
    requests: usize,
) -> (Vec<Duration>, Vec<Duration>) {
    let ask = |_| {
        let reply = lane.request(subject, subject.path).send();
        reply.is(200);
        (reply.took, reply.first_byte)
    };
    (0..requests).map(ask).unzip()
}

fn several_at_once(lane: &Lane, subject: &Subject, requests: usize) -> f64 {
    let each = requests.div_ceil(AT_ONCE);
    let started_at = Instant::now();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| one_after_another(lane, subject, each));
        }
    });
    let answered = u32::try_from(each * AT_ONCE).expect("a batch is small");
    f64::from(answered) / started_at.elapsed().as_secs_f64()
}

/// The origin keeps the second half until the first byte has arrived here.
fn first_bytes(
    lane: &Lane,
    subject: &Subject,
    path: &str,
    requests: usize,
) -> Vec<Duration> {
    let ask = |_| {
        let mut reply = lane.request(subject, path).open();
        reply.wait_for_any();
        lane.gate.admit_one();
        let reply = reply.finish();
        reply.is(200);
        reply.first_byte
    };
    (0..requests).map(ask).collect()
}

/// The middle one; of an even number, the upper of the two in the middle.
pub(crate) fn median<T: PartialOrd>(mut values: Vec<T>) -> T {
    values.sort_by(|left, right| left.partial_cmp(right).expect("no value is NaN"));
    let middle = values.len() / 2;
    values.into_iter().nth(middle).expect("a batch is not empty")
}
