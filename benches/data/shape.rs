use std::fmt;
use std::io::Write;
use std::thread;

use super::random::{Random, mix};
use super::{Arena, SEED};

/// What the keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Keys {
    /// 16 random bytes.
    Random,
    /// `user` and 12 digits.
    User,
    /// URLs that share their first 50 bytes.
    Url,
    /// `u64`, random.
    U64,
    /// A type of the user's own without codes: 16 random bytes that only `Ord` can look into.
    Plain,
}

/// How the keys lie in the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Order {
    /// Every key is in a source drawn at random.
    Interleaved,
    /// About 1,000 neighbours are in one source, or half of a source's share if that is less.
    Clustered,
    /// Every source has a range of its own.
    Disjoint,
}

/// What is to be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) keys: Keys,
    /// How many sources there are: the *k* of a *k*-way merge.
    pub(crate) sources: usize,
    pub(crate) order: Order,
    /// Of a hundred keys, how many come in more than one source: 0 to 99 of them in two; 100: when interleaved, every key
    /// in every source, otherwise every key in two, for the sources would not be clustered or disjoint any more.
    pub(crate) duplicates: u32,
    /// How many entries all sources have together.
    pub(crate) entries: usize,
    /// Of a hundred values, how many are empty. All others have [`VALUE_LEN`] bytes.
    pub(crate) tombstones: u32,
}

/// How long the values are.
const VALUE_LEN: usize = 100;

impl Keys {
    /// The bytes of every key.
    pub(super) fn len(self) -> usize {
        match self {
            Keys::Random | Keys::User | Keys::Plain => 16,
            Keys::Url => SHARED_URL.len() + 12,
            Keys::U64 => 8,
        }
    }

    /// Lays down the key of `number`, in the order of the numbers.
    pub(super) fn write(self, number: u64, bytes: &mut Vec<u8>) {
        match self {
            Keys::Random | Keys::Plain => {
                bytes.extend(number.to_be_bytes());
                bytes.extend(mix(number).to_be_bytes());
            }
            Keys::User => write!(bytes, "user{number:012}").expect("a vector takes everything"),
            Keys::Url => write!(bytes, "{SHARED_URL}{number:012}").expect("a vector takes everything"),
            Keys::U64 => bytes.extend(number.to_be_bytes()),
        }
    }

    /// `count` different numbers to make keys of, ascending.
    fn numbers(self, count: usize, random: &mut Random) -> Vec<u64> {
        let mut number = || match self {
            Keys::Random | Keys::U64 | Keys::Plain => random.next(),
            Keys::User | Keys::Url => random.next() % 1_000_000_000_000,
        };
        let mut numbers: Vec<u64> = Vec::new();
        while numbers.len() < count {
            numbers.extend((numbers.len()..count).map(|_| number()));
            numbers.sort_unstable();
            numbers.dedup();
        }
        numbers
    }
}

/// 50 bytes.
const SHARED_URL: &str = "https://www.example.com/en/archive/news/articles/?";

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Keys::Random => "random 16 bytes",
            Keys::User => "user + 12 digits",
            Keys::Url => "URLs sharing 50 bytes",
            Keys::U64 => "u64",
            Keys::Plain => "a type without codes",
        })
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Order::Interleaved => "interleaved",
            Order::Clustered => "clustered",
            Order::Disjoint => "disjoint",
        })
    }
}

impl Shape {
    /// Makes the sources.
    pub(crate) fn arenas(&self) -> Vec<Arena> {
        assert!(self.sources > 1 || self.duplicates == 0, "one source alone has no duplicates");
        let mut random = Random::new(SEED);
        let all = self.duplicates == 100 && self.order == Order::Interleaved;
        let keys = if all {
            self.entries.div_ceil(self.sources)
        } else {
            (self.entries * 100).div_ceil(100 + self.duplicates as usize)
        };
        let numbers = self.keys.numbers(keys, &mut random);
        let value_len = |number| if mix(number) % 100 < u64::from(self.tombstones) { 0 } else { VALUE_LEN };
        let homes = if all { vec![numbers; self.sources] } else { self.deal(&numbers, &mut random) };
        let arena = |source: usize| Arena::new(self.keys, source, &homes[source], value_len);
        // Half of the sources by another thread: for the grid, this is a part of the time that counts.
        let half = self.sources / 2;
        thread::scope(|scope| {
            let first_half = scope.spawn(|| (0..half).map(arena).collect::<Vec<_>>());
            let second_half: Vec<_> = (half..self.sources).map(arena).collect();
            let mut arenas = first_half.join().expect("the other thread does not panic");
            arenas.extend(second_half);
            arenas
        })
    }

    /// The numbers of each source: everyone in one, or in two if it is a duplicate.
    fn deal(&self, numbers: &[u64], random: &mut Random) -> Vec<Vec<u64>> {
        let mut homes = vec![Vec::new(); self.sources];
        let mut duplicates_left = self.entries - numbers.len();
        let mut homes_of = HomesOf::new(self, numbers.len(), random);
        for (index, &number) in numbers.iter().enumerate() {
            let (home, second_home) = homes_of.next(random);
            homes[home].push(number);
            // Selection sampling: exactly as many as there shall be, each with the same probability.
            if random.below(numbers.len() - index) < duplicates_left {
                homes[second_home].push(number);
                duplicates_left -= 1;
            }
        }
        homes
    }
}

/// Tells for one key after the other which source it is in, and in which other one if it is a duplicate.
struct HomesOf {
    /// How many neighbours are in the same source.
    cluster: usize,
    /// How many more keys the current cluster has.
    left: usize,
    /// The sources in the order in which they get a cluster; then it starts afresh in another order.
    deck: Vec<usize>,
    next: usize,
}

impl HomesOf {
    fn new(shape: &Shape, keys: usize, random: &mut Random) -> Self {
        let cluster = match shape.order {
            Order::Interleaved => 1,
            Order::Clustered => (keys / shape.sources / 2).clamp(1, 1_000),
            Order::Disjoint => keys.div_ceil(shape.sources),
        };
        let mut deck: Vec<usize> = (0..shape.sources).collect();
        random.shuffle(&mut deck);
        HomesOf { cluster, left: cluster, deck, next: 0 }
    }

    fn next(&mut self, random: &mut Random) -> (usize, usize) {
        let sources = self.deck.len();
        if self.cluster == 1 {
            let home = random.below(sources);
            return (home, (home + 1 + random.below((sources - 1).max(1))) % sources);
        }
        if self.left == 0 {
            self.left = self.cluster;
            self.next += 1;
            if self.next == sources {
                self.next = 0;
                let last = self.deck[sources - 1];
                random.shuffle(&mut self.deck);
                // Two clusters of one source in a row would be one of twice the length.
                if self.deck[0] == last {
                    self.deck.swap(0, sources - 1);
                }
            }
        }
        self.left -= 1;
        (self.deck[self.next], self.deck[(self.next + 1) % sources])
    }
}
