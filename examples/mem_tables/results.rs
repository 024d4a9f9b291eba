//! Figures by table and metric, one for each round.

use std::collections::BTreeMap;

use crate::candidates::Kind;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Metric {
    Put,
    Overwrite,
    GetHit,
    GetMiss,
    ScanKeys,
    ScanValues,
    Range,
    Memory,
    Freeze,
    /// The 99th percentile of puts while nobody scans.
    AloneP99,
    /// Beside a scanner: puts a second, their 99th and 99.9th percentile, the longest; the scanner's time for an entry.
    BesidePuts,
    BesideP99,
    BesideP999,
    BesideLongest,
    BesideScan,
}

#[derive(Debug, Default)]
pub(crate) struct Results {
    rounds: BTreeMap<(Kind, Metric), Vec<f64>>,
}

impl Results {
    pub(crate) fn add(&mut self, kind: Kind, metric: Metric, value: f64) {
        self.rounds.entry((kind, metric)).or_default().push(value);
    }

    pub(crate) fn median(&self, kind: Kind, metric: Metric) -> Option<f64> {
        self.rounds.get(&(kind, metric)).cloned().and_then(median)
    }

    /// The median over the rounds of one figure divided by another of the same round.
    pub(crate) fn ratio(&self, of: (Kind, Metric), to: (Kind, Metric)) -> Option<f64> {
        let (of, to) = (self.rounds.get(&of)?, self.rounds.get(&to)?);
        median(of.iter().zip(to).map(|(of, to)| of / to).collect())
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        Some(values[middle])
    } else {
        Some((values.get(middle.checked_sub(1)?)? + values[middle]) / 2.0)
    }
}
