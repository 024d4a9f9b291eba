use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::data::{Keys, Order, Shape};
use crate::peers::Peer;
use crate::thresholds::IN_CACHE;

/// Measures the k-way merge against its peers on a grid of inputs. Without arguments: on all of it.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// What the keys are [default: all].
    #[arg(long, value_enum, value_delimiter = ',')]
    keys: Vec<Keys>,

    /// How many sources are merged.
    #[arg(short, long = "sources", value_delimiter = ',', default_values_t = [1, 2, 3, 8, 32, 128],
          value_parser = clap::value_parser!(u16).range(1..))]
    k: Vec<u16>,

    /// How the keys lie in the sources [default: all].
    #[arg(long, value_enum, value_delimiter = ',')]
    orders: Vec<Order>,

    /// How many keys of a hundred come in more than one source.
    #[arg(long, value_delimiter = ',', default_values_t = [0, 10, 100], value_parser = clap::value_parser!(u32).range(..=100))]
    duplicates: Vec<u32>,

    /// How many entries the sources have in all.
    #[arg(long, value_delimiter = ',', default_values_t = [IN_CACHE, 1_000_000])]
    sizes: Vec<usize>,

    /// Whom to compare with [default: all].
    #[arg(long, value_enum, value_delimiter = ',')]
    peers: Vec<Peer>,

    /// How often every peer is measured in a cell that fits the cache; the others take a fifth of it.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// Cells that fall short are measured on, three times as long in all, until this time is used up.
    #[arg(long, default_value_t = 60)]
    pub(crate) spare_seconds: u64,

    /// Only name the cells that would be measured.
    #[arg(long)]
    pub(crate) list: bool,

    /// Where to write the chart [default: docs/merge.svg for the whole grid, nowhere for a part of it].
    #[arg(long)]
    chart: Option<PathBuf>,

    /// Where to write every figure, for programs.
    #[arg(long)]
    pub(crate) csv: Option<PathBuf>,
}

impl Arguments {
    /// The cells to be measured. One source alone has no order among sources and no duplicates: it is one cell.
    pub(crate) fn shapes(&self) -> Vec<Shape> {
        let mut shapes = Vec::new();
        for &entries in &self.sizes {
            for keys in all_if_none(&self.keys) {
                for &k in &self.k {
                    let sources = usize::from(k);
                    for order in all_if_none(&self.orders) {
                        for &duplicates in &self.duplicates {
                            shapes.push(Shape { keys, sources, order, duplicates, entries, tombstones: 0 });
                        }
                    }
                }
            }
        }
        let alone = |shape: &Shape| Shape { order: Order::Disjoint, duplicates: 0, ..*shape };
        for shape in shapes.iter_mut().filter(|shape| shape.sources == 1) {
            *shape = alone(shape);
        }
        shapes.dedup();
        shapes
    }

    /// The peers, ours first.
    pub(crate) fn peers(&self) -> Vec<Peer> {
        let mut peers = all_if_none(&self.peers);
        peers.push(Peer::StorageIter);
        peers.sort_unstable();
        peers.dedup();
        peers
    }

    pub(crate) fn rounds(&self, shape: &Shape) -> u32 {
        if shape.entries <= IN_CACHE { self.rounds } else { self.rounds.div_ceil(5) }
    }

    pub(crate) fn chart_path(&self) -> Option<PathBuf> {
        let is_whole = self.keys.is_empty()
            && self.orders.is_empty()
            && self.peers.is_empty()
            && self.k == [1, 2, 3, 8, 32, 128]
            && self.duplicates == [0, 10, 100]
            && self.sizes == [IN_CACHE, 1_000_000];
        self.chart.clone().or_else(|| is_whole.then(|| PathBuf::from("docs/merge.svg")))
    }
}

fn all_if_none<T: ValueEnum>(chosen: &[T]) -> Vec<T> {
    if chosen.is_empty() { T::value_variants().to_vec() } else { chosen.to_vec() }
}
