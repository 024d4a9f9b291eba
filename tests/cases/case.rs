//! [`Case`]: one record, and what it says.

use std::ops::Bound;

use serde_json::Value;
use storage_iter::{OwnedVersionedKey, SliceIterator, SortedRun, StorageIterator};

use super::support::Layer;

/// The versions of a layer.
pub(crate) type Versions = Vec<(OwnedVersionedKey, Vec<u8>)>;

pub(crate) struct Case(Value);

impl Case {
    pub(crate) fn new(record: Value) -> Self {
        Case(record)
    }

    pub(crate) fn operation(&self) -> &str {
        self.0["op"].as_str().expect("a case has an operation")
    }

    pub(crate) fn name(&self) -> String {
        format!("{} of {}", self.0["name"], self.0["source"])
    }

    pub(crate) fn layers(&self) -> Vec<Layer> {
        assert!(!self.has_versions(), "{}: has versions", self.name());
        self.inputs().iter().map(layer).collect()
    }

    /// The entries to come out, by their user keys.
    pub(crate) fn expected(&self) -> Layer {
        layer(&self.0["expect"])
    }

    /// Whether an entry is a version, so that a layer may have many of a key.
    pub(crate) fn has_versions(&self) -> bool {
        self.inputs().iter().flat_map(list).any(|entry| list(entry).len() > 2)
    }

    /// The layers of a case about versions.
    pub(crate) fn versions(&self) -> Vec<Versions> {
        self.inputs().iter().map(versions).collect()
    }

    pub(crate) fn expected_versions(&self) -> Versions {
        versions(&self.0["expect"])
    }

    /// The newest version to be seen; without one, all are.
    pub(crate) fn snapshot(&self) -> u64 {
        self.number("read_seq").unwrap_or(u64::MAX)
    }

    pub(crate) fn watermark(&self) -> u64 {
        self.number("watermark").expect("a case of garbage has a watermark")
    }

    /// What the keys begin with whose versions up to the watermark are to go in any case.
    pub(crate) fn drop_prefix(&self) -> Option<Vec<u8>> {
        self.0.get("drop_prefix").map(bytes)
    }

    /// What to look up.
    pub(crate) fn key(&self) -> Vec<u8> {
        bytes(&self.0["key"])
    }

    /// The targets of a chain of seeks.
    pub(crate) fn seeks(&self) -> Vec<Vec<u8>> {
        list(&self.0["seeks"]).iter().map(bytes).collect()
    }

    /// The source that fails, and at which step.
    ///
    /// The sources of these cases stand on their first entry when they are new, so their first `next` is the one to the
    /// second entry. Ours stand before the first, and count that step as 0: the step to the second entry is step 1 in both.
    pub(crate) fn error(&self) -> Option<(usize, usize)> {
        let error = self.0.get("error")?;
        let number = |field: &str| error[field].as_u64().expect("an error has a place") as usize;
        Some((number("source"), number("at_next")))
    }

    /// What the case makes of the values of one key: their sum, or else the first.
    pub(crate) fn fold(&self, values: &[&[u8]]) -> Vec<u8> {
        match self.0.get("fold").map(bytes).as_deref() {
            None => values[0].to_vec(),
            Some(b"sum") => {
                let number = |value: &&[u8]| -> u64 {
                    let text = str::from_utf8(value).expect("a value to be summed is text");
                    text.parse().expect("a value to be summed is a number")
                };
                values.iter().map(number).sum::<u64>().to_string().into_bytes()
            }
            Some(_) => panic!("{}: an unknown fold", self.name()),
        }
    }

    pub(crate) fn bound(&self, field: &str) -> Bound<Vec<u8>> {
        match self.0.get(field) {
            None => Bound::Unbounded,
            Some(bound) => match bound[0].as_str() {
                Some("incl") => Bound::Included(bytes(&bound[1])),
                Some("excl") => Bound::Excluded(bytes(&bound[1])),
                _ => panic!("{}: an unknown bound", self.name()),
            },
        }
    }

    fn inputs(&self) -> &[Value] {
        list(&self.0["inputs"])
    }

    fn number(&self, field: &str) -> Option<u64> {
        self.0.get(field).map(|number| number.as_u64().expect("a number"))
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn bytes(value: &Value) -> Vec<u8> {
    value.as_str().expect("a string").as_bytes().to_vec()
}

fn layer(entries: &Value) -> Layer {
    list(entries).iter().map(|entry| (bytes(&entry[0]), bytes(&entry[1]))).collect()
}

/// A deletion is an empty value in these cases, and nothing else is: that is a tombstone of ours.
fn versions(entries: &Value) -> Versions {
    let version = |entry: &Value| {
        let value = bytes(&entry[1]);
        let is_deletion = match entry[3].as_str() {
            Some("SET") => false,
            Some("DEL") => true,
            _ => panic!("{entry}: an unknown kind"),
        };
        assert_eq!(is_deletion, value.is_empty(), "{entry}");
        (OwnedVersionedKey::new(&bytes(&entry[0]), entry[2].as_u64().expect("a sequence number")), value)
    };
    list(entries).iter().map(version).collect()
}

pub(crate) fn runs(layers: &[Layer]) -> Vec<SortedRun> {
    layers.iter().map(|layer| SliceIterator::new(layer).borrowed().collect().expect("slices do not fail")).collect()
}

#[cfg(feature = "mem-table")]
pub(crate) fn tables(layers: &[Layer]) -> Vec<storage_iter::MemTable> {
    let table_of = |layer: &Layer| {
        let table = storage_iter::MemTable::new();
        layer.iter().for_each(|(key, value)| table.put(key, value));
        table
    };
    layers.iter().map(table_of).collect()
}
