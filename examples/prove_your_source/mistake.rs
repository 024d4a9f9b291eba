//! Mistakes that are easily made, each put over a source that is right.

use std::cell::Cell;
use std::io;
use std::mem;

use storage_iter::{SeekableIterator, StorageIterator};

/// What is wrong with a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    ErrorIsTheEnd,
    ErrorLosesAnEntry,
    ErrorStartsAgain,
    ValidAfterAnError,
    StandsOnTheFirstEntry,
    EndStartsAgain,
    LendsOffAnEntry,
    LosesItsKey,
    PagesOutOfOrder,
    PrefixTooLong,
    SeekStaysAtTheEnd,
    SeekGoesForwardOnly,
    SeekMissesTheKey,
    SeekForgetsItsTarget,
}

impl Mistake {
    /// All of them: what the source does, and the promise that it breaks.
    pub(crate) const ALL: [(Mistake, &'static str, u8); 14] = [
        (Mistake::ErrorIsTheEnd, "takes an error for the end", 5),
        (Mistake::ErrorLosesAnEntry, "goes on behind the entry that failed", 5),
        (Mistake::ErrorStartsAgain, "starts again after an error", 5),
        (Mistake::ValidAfterAnError, "is valid after an error", 5),
        (Mistake::StandsOnTheFirstEntry, "stands on its first entry when it is new", 2),
        (Mistake::EndStartsAgain, "starts again behind its end", 1),
        (Mistake::LendsOffAnEntry, "lends an empty key where there is none", 1),
        (Mistake::LosesItsKey, "lends another key once its value was read", 8),
        (Mistake::PagesOutOfOrder, "has two pages in the wrong order", 4),
        (Mistake::PrefixTooLong, "says that neighbours share the whole key", 4),
        (Mistake::SeekStaysAtTheEnd, "ignores a seek when it is exhausted", 12),
        (Mistake::SeekGoesForwardOnly, "ignores a seek to what lies behind it", 12),
        (Mistake::SeekMissesTheKey, "seeks to the key after the one that is sought", 12),
        (Mistake::SeekForgetsItsTarget, "does not complete a seek that failed", 5),
    ];
}

/// A source with a mistake.
#[derive(Debug)]
pub(crate) struct Mistaken<I> {
    source: I,
    mistake: Mistake,
    has_failed: bool,
    is_at_end: bool,
    value_was_read: Cell<bool>,
}

impl<I: SeekableIterator<Key = str, Value = u64, Error = io::Error>> Mistaken<I> {
    pub(crate) fn new(mut source: I, mistake: Mistake) -> Self {
        if mistake == Mistake::StandsOnTheFirstEntry {
            // A constructor cannot say that this has failed.
            _ = source.next();
        }
        Mistaken { source, mistake, has_failed: false, is_at_end: false, value_was_read: Cell::new(false) }
    }
}

impl<I: SeekableIterator<Key = str, Value = u64, Error = io::Error>> StorageIterator for Mistaken<I> {
    type Key = str;
    type Value = u64;
    type Error = io::Error;

    fn next(&mut self) -> io::Result<bool> {
        self.value_was_read.set(false);
        let had_failed = mem::take(&mut self.has_failed);
        let was_at_end = mem::take(&mut self.is_at_end);
        let result = match self.mistake {
            Mistake::ErrorIsTheEnd => Ok(self.source.next().unwrap_or(false)),
            Mistake::ErrorLosesAnEntry if had_failed => self.source.next().and_then(|_| self.source.next()),
            Mistake::ErrorStartsAgain | Mistake::SeekForgetsItsTarget if had_failed => self.source.seek_to_first(),
            Mistake::EndStartsAgain if was_at_end => self.source.seek_to_first(),
            _ => self.source.next(),
        };
        self.has_failed = result.is_err() && self.mistake != Mistake::SeekForgetsItsTarget;
        self.is_at_end = matches!(result, Ok(false));
        result
    }

    fn is_valid(&self) -> bool {
        self.source.is_valid() || self.has_failed && self.mistake == Mistake::ValidAfterAnError
    }

    fn key(&self) -> &str {
        match self.mistake {
            Mistake::LendsOffAnEntry if !self.source.is_valid() => "",
            Mistake::LosesItsKey if self.value_was_read.get() => "?",
            _ => self.source.key(),
        }
    }

    fn value(&self) -> &u64 {
        self.value_was_read.set(true);
        self.source.value()
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        (self.mistake == Mistake::PrefixTooLong).then(|| self.key().len())
    }
}

impl<I: SeekableIterator<Key = str, Value = u64, Error = io::Error>> SeekableIterator for Mistaken<I> {
    fn seek(&mut self, key: &str) -> io::Result<bool> {
        self.value_was_read.set(false);
        let result = match self.mistake {
            Mistake::SeekStaysAtTheEnd if self.is_at_end => return Ok(false),
            Mistake::SeekGoesForwardOnly if self.source.is_valid() && self.source.key() >= key => Ok(true),
            Mistake::SeekMissesTheKey => match self.source.seek(key) {
                Ok(true) if self.source.key() == key => self.source.next(),
                result => result,
            },
            _ => self.source.seek(key),
        };
        self.has_failed = result.is_err();
        self.is_at_end = matches!(result, Ok(false));
        result
    }

    fn seek_to_first(&mut self) -> io::Result<bool> {
        let result = self.source.seek_to_first();
        self.has_failed = result.is_err();
        self.is_at_end = matches!(result, Ok(false));
        result
    }
}
