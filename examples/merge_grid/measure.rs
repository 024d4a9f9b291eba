use std::hint::black_box;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use crate::clock;
use crate::data::{BenchKey, Digest, Entry, Shape};
use crate::peers::{Kind, Peer};
use crate::thresholds::IN_CACHE;

/// How long one sample shall take: long enough for the clock, short enough that an interruption spoils few of them.
const SAMPLE: Duration = Duration::from_millis(2);

/// A cell of the grid while it is measured.
#[derive(Debug)]
pub(crate) struct Measurement<'s, 'a, K> {
    shape: Shape,
    sources: &'s [Vec<Entry<'a, K>>],
    rows: Vec<Samples>,
    rounds: u32,
    /// Memory that is held so that what a peer allocates lies elsewhere in each round. Where a few bytes happen to lie decides by up to
    /// a factor of two how long it takes, and without this a whole process would be lucky or unlucky with one peer.
    held: Vec<Vec<u8>>,
}

/// What was measured of one peer: nanoseconds an entry, one figure a round.
#[derive(Debug)]
struct Samples {
    peer: Peer,
    repetitions: u32,
    nanoseconds: Vec<f64>,
}

/// A cell of the grid, measured.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) shape: Shape,
    pub(crate) rounds: u32,
    pub(crate) rows: Vec<Row>,
}

/// One peer in one cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) peer: Peer,
    /// For one entry that goes in, the median of all rounds.
    pub(crate) nanoseconds: f64,
    /// The peer's time divided by ours in the same round, the median of all rounds.
    pub(crate) ratio: f64,
}

impl<'s, 'a, K: BenchKey<'a>> Measurement<'s, 'a, K> {
    /// Checks that all peers agree, and finds out how often each has to run for a sample.
    ///
    /// # Panics
    ///
    /// When a peer yields anything else than this library's merge.
    pub(crate) fn new(shape: Shape, sources: &'s [Vec<Entry<'a, K>>], peers: &[Peer]) -> Self {
        check_agreement(&shape, sources, peers);
        // The checks have brought the sources into the caches. Where one run is a sample, it need not be timed beforehand.
        let is_large = sources.iter().map(Vec::len).sum::<usize>() > 10 * IN_CACHE;
        let samples = |&peer: &Peer| {
            let once = if is_large { SAMPLE } else { time(peer, sources, 1) };
            let repetitions = SAMPLE.as_nanos().div_ceil(once.as_nanos().max(1)).clamp(1, 1_000) as u32;
            Samples { peer, repetitions, nanoseconds: Vec::new() }
        };
        Measurement { shape, sources, rows: peers.iter().map(samples).collect(), rounds: 0, held: vec![] }
    }

    /// Measures every peer once a round, in an order that rotates.
    pub(crate) fn run(&mut self, rounds: u32) {
        let entries: usize = self.sources.iter().map(Vec::len).sum();
        for round in self.rounds..self.rounds + rounds {
            self.held.extend((16..=1024).step_by(16).map(Vec::with_capacity));
            for turn in 0..self.rows.len() {
                let row = (round as usize + turn) % self.rows.len();
                let Samples { peer, repetitions, nanoseconds } = &mut self.rows[row];
                let elapsed = time(*peer, self.sources, *repetitions);
                nanoseconds.push(elapsed.as_nanos() as f64 / f64::from(*repetitions) / entries as f64);
            }
        }
        self.rounds += rounds;
    }

    pub(crate) fn result(&self) -> Measured {
        let ours = self.rows.iter().find(|row| row.peer == Peer::StorageIter).expect("ours is always measured");
        let row = |samples: &Samples| Row {
            peer: samples.peer,
            nanoseconds: median(samples.nanoseconds.clone()),
            ratio: median(samples.nanoseconds.iter().zip(&ours.nanoseconds).map(|(peer, ours)| peer / ours).collect()),
        };
        Measured { shape: self.shape, rounds: self.rounds, rows: self.rows.iter().map(row).collect() }
    }
}

impl Measured {
    pub(crate) fn row(&self, peer: Peer) -> Option<&Row> {
        self.rows.iter().find(|row| row.peer == peer)
    }
}

fn time<'a, K: BenchKey<'a>>(peer: Peer, sources: &[Vec<Entry<'a, K>>], repetitions: u32) -> Duration {
    let start = clock::now();
    for _ in 0..repetitions {
        black_box(peer.run(black_box(sources)));
    }
    clock::now().saturating_sub(start)
}

/// Every merge must yield the same bytes in the same order. One that does not say which of several equal keys' entries it
/// yields need not have the same values where there are duplicates.
fn check_agreement<'a, K: BenchKey<'a>>(shape: &Shape, sources: &[Vec<Entry<'a, K>>], peers: &[Peer]) {
    // Nothing is timed yet, so all cores may work.
    let digests: Vec<(Peer, Digest)> = thread::scope(|scope| {
        let checks: Vec<_> = peers.iter().map(|&peer| (peer, scope.spawn(move || peer.digest(sources)))).collect();
        let digest = |check: ScopedJoinHandle<'_, Digest>| check.join().expect("a peer does not panic");
        checks.into_iter().map(|(peer, check)| (peer, digest(check))).collect()
    });
    let (_, ours) = digests.iter().find(|(peer, _)| *peer == Peer::StorageIter).expect("ours is always measured");
    let entries: usize = sources.iter().map(Vec::len).sum();
    for (peer, theirs) in &digests {
        let agrees = match peer.kind() {
            Kind::Merge => theirs == ours,
            Kind::MergeWithAnyEntry if shape.duplicates == 0 => theirs == ours,
            Kind::MergeWithAnyEntry => (theirs.entries, theirs.keys) == (ours.entries, ours.keys),
            Kind::Floor => theirs.entries == entries,
        };
        assert!(agrees, "{peer:?} and {:?} disagree on {shape:?}: {theirs:?}, {ours:?}", Peer::StorageIter);
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => figures[middle],
        _ => (figures[middle - 1] + figures[middle]) / 2.0,
    }
}
