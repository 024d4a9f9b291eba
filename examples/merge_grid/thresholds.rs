//! What the merge has to reach: ratios of a peer's time to ours.

use std::fmt;

use crate::data::{Keys, Order, Shape};
use crate::measure::{Measured, Row};
use crate::peers::{Kind, Peer};
use crate::report::cell_name;

/// How many entries still fit into a core's cache.
pub(crate) const IN_CACHE: usize = 10_000;

/// The least ratios for some cells of the grid.
struct Threshold {
    peer: Peer,
    keys: &'static [Keys],
    orders: &'static [Order],
    in_cache: bool,
    /// For each number of sources: how many times as long as ours the peer must take.
    least: [(usize, f64); 4],
}

const BYTES: &[Keys] = &[Keys::Random, Keys::User, Keys::Url];
const ALL: &[Keys] = &[Keys::Random, Keys::User, Keys::Url, Keys::U64, Keys::Plain];
const INTERLEAVED: &[Order] = &[Order::Interleaved];
const IN_RUNS: &[Order] = &[Order::Clustered, Order::Disjoint];

#[rustfmt::skip]
const THRESHOLDS: [Threshold; 5] = [
    Threshold { peer: Peer::Itertools,  keys: BYTES, orders: INTERLEAVED, in_cache: true,  least: [(2, 1.15), (8, 1.6), (32, 1.9), (128, 2.1)] },
    Threshold { peer: Peer::Itertools,  keys: BYTES, orders: IN_RUNS,     in_cache: true,  least: [(2, 1.1),  (8, 1.3), (32, 1.3), (128, 1.3)] },
    Threshold { peer: Peer::Itertools,  keys: BYTES, orders: INTERLEAVED, in_cache: false, least: [(2, 1.05), (8, 1.4), (32, 1.3), (128, 1.6)] },
    Threshold { peer: Peer::BinaryHeap, keys: ALL,   orders: INTERLEAVED, in_cache: true,  least: [(2, 1.7),  (8, 2.1), (32, 2.5), (128, 3.0)] },
    Threshold { peer: Peer::BinaryHeap, keys: ALL,   orders: IN_RUNS,     in_cache: true,  least: [(2, 2.0),  (8, 2.0), (32, 2.0), (128, 2.0)] },
];

/// In every cell, against every peer that merges: never slower.
const EVERYWHERE: f64 = 1.0;

/// A cell in which a peer comes too close.
#[derive(Debug)]
pub(crate) struct Shortfall {
    shape: Shape,
    row: Row,
    least: f64,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shortfall { shape, row, least } = self;
        write!(f, "{}: {:.2}x against {}, must be {least:.2}x", cell_name(shape), row.ratio, row.peer.name())
    }
}

/// What falls short in a cell.
pub(crate) fn shortfalls(cell: &Measured) -> impl Iterator<Item = Shortfall> {
    let shape = cell.shape;
    let peers = cell.rows.iter().filter(|row| row.peer != Peer::StorageIter && row.peer.kind() != Kind::Floor);
    peers.filter_map(move |&row| {
        let least = least(&shape, row.peer);
        (row.ratio < least).then_some(Shortfall { shape, row, least })
    })
}

/// How many times as long as ours `peer` must take.
pub(crate) fn least(shape: &Shape, peer: Peer) -> f64 {
    let of_this_cell = |threshold: &&Threshold| {
        threshold.peer == peer
            && threshold.keys.contains(&shape.keys)
            && threshold.orders.contains(&shape.order)
            && threshold.in_cache == (shape.entries <= IN_CACHE)
    };
    let of_this_k = |threshold: &Threshold| threshold.least.into_iter().find(|(sources, _)| *sources == shape.sources);
    THRESHOLDS.iter().find(of_this_cell).and_then(of_this_k).map_or(EVERYWHERE, |(_, least)| least)
}
