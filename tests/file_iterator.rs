//! The file source of the `layers` example keeps the contract of `StorageIterator`, as every source that takes it as
//! its model should.

#[path = "../examples/layers/file_iterator.rs"]
mod file_iterator;
#[path = "../examples/layers/layer_error.rs"]
mod layer_error;
#[path = "../examples/layers/lazy_file.rs"]
mod lazy_file;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use file_iterator::FileIterator;
use layer_error::{LayerError, Problem};
use lazy_file::LazyFile;
use quickcheck::{Arbitrary, Gen, quickcheck};
use storage_iter::{ChildError, MergeIterator, StorageIterator};

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Reads a text in pieces, and does something else than that in the calls it is told.
struct Troubled<'a> {
    text: &'a [u8],
    piece: usize,
    calls: usize,
    trouble: fn(usize) -> io::Result<()>,
}

impl<'a> Troubled<'a> {
    fn new(text: &'a [u8], piece: usize, trouble: fn(usize) -> io::Result<()>) -> Self {
        Troubled { text, piece: piece.max(1), calls: 0, trouble }
    }
}

impl Read for Troubled<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        (self.trouble)(self.calls)?;
        let piece = self.piece.min(buffer.len());
        self.text.read(&mut buffer[..piece])
    }
}

fn no_trouble(_: usize) -> io::Result<()> {
    Ok(())
}

/// Every other call fails, and every fourth is interrupted.
fn much_trouble(call: usize) -> io::Result<()> {
    match call % 4 {
        0 => Err(ErrorKind::Interrupted.into()),
        1 | 3 => Err(ErrorKind::TimedOut.into()),
        _ => Ok(()),
    }
}

/// All entries, and how many steps failed on the way. The step that fails is only ever asked to be completed.
fn drain<I, E>(mut iterator: I) -> (Entries, usize)
where
    I: StorageIterator<Key = [u8], Value = [u8], Error = E>,
    E: std::fmt::Debug,
{
    let (mut entries, mut failures) = (Vec::new(), 0);
    loop {
        match iterator.next() {
            Ok(true) => entries.push((iterator.key().to_vec(), iterator.value().to_vec())),
            Ok(false) => return (entries, failures),
            Err(_) => {
                assert!(!iterator.is_valid());
                failures += 1;
            }
        }
        assert!(failures < 100_000, "it does not come to an end");
    }
}

/// A layer of a few short entries.
#[derive(Clone, Debug)]
struct Layer(BTreeMap<Vec<u8>, Vec<u8>>);

impl Layer {
    /// Without the bytes that end a key or a value.
    fn new(entries: BTreeMap<Vec<u8>, Vec<u8>>) -> Self {
        let strip = |bytes: Vec<u8>| bytes.into_iter().filter(|byte| !b"\t\n".contains(byte)).collect();
        Layer(entries.into_iter().map(|(key, value)| (strip(key), strip(value))).collect())
    }

    fn text(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(key, value)| [key, b"\t".as_slice(), value, b"\n"].concat()).collect()
    }
}

impl Arbitrary for Layer {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut small = Gen::from_size_and_seed(5, u64::arbitrary(g));
        Layer::new(BTreeMap::arbitrary(&mut small))
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.0.shrink().map(Layer::new))
    }
}

quickcheck! {
    fn every_entry_comes_once_through_any_trouble(layer: Layer, piece: u8, line_feed_at_the_end: bool) -> bool {
        let mut text = layer.text();
        if !line_feed_at_the_end {
            text.pop();
        }
        let entries = Vec::from_iter(layer.0);
        let piece = usize::from(piece % 8);
        let untroubled = drain(FileIterator::new("x", Troubled::new(&text, piece, no_trouble)));
        let troubled = drain(FileIterator::new("x", Troubled::new(&text, piece, much_trouble)));
        // Even an empty layer takes one call to find out.
        untroubled == (entries.clone(), 0) && troubled.0 == entries && troubled.1 > 0
    }

    fn a_merge_of_troubled_layers_loses_nothing(layers: Vec<Layer>, piece: u8) -> bool {
        let layers = &layers[..layers.len().min(8)];
        let texts: Vec<_> = layers.iter().map(Layer::text).collect();
        let trouble = |text| FileIterator::new("x", Troubled::new(text, usize::from(piece % 8), much_trouble));
        let mut view = BTreeMap::new();
        for layer in layers.iter().rev() {
            view.extend(layer.0.clone());
        }
        drain(MergeIterator::new(texts.iter().map(|text| trouble(text)))).0 == Vec::from_iter(view)
    }
}

#[test]
fn new_reads_nothing() {
    let never = |_: usize| -> io::Result<()> { panic!("read before the first `next`") };
    let iterator = FileIterator::new("x", Troubled::new(b"a\t1\n", 1, never));
    assert!(!iterator.is_valid());
}

#[test]
fn a_file_that_appears_later_is_read_then() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layer.tsv");
    let mut iterator = FileIterator::new(&path, LazyFile::new(&path));
    for _ in 0..3 {
        let error = iterator.next().unwrap_err();
        assert_eq!(error.to_string(), format!("{}: {}", path.display(), fs::read(&path).unwrap_err()));
        assert!(matches!(error.problem, Problem::Io(ref error) if error.kind() == ErrorKind::NotFound));
        assert!(!iterator.is_valid());
    }
    fs::write(&path, "a\t1\n").unwrap();
    assert_eq!(drain(iterator), (vec![(b"a".to_vec(), b"1".to_vec())], 0));
}

/// Entries up to a line that is none, then the same error again and again.
#[track_caller]
fn expect_for_ever(text: &[u8], entries: usize, expected: &str) {
    for piece in [1, 2, 1000] {
        let mut iterator = FileIterator::new("layer", Troubled::new(text, piece, no_trouble));
        for _ in 0..entries {
            assert!(iterator.next().unwrap());
        }
        for _ in 0..3 {
            let error = iterator.next().unwrap_err();
            assert_eq!(error.to_string(), expected);
            assert!(error.source().is_none());
            assert!(!iterator.is_valid());
        }
    }
}

#[test]
fn a_line_that_is_no_entry_is_reported_for_ever() {
    expect_for_ever(b"a\t1\nbroken\nc\t1\n", 1, "layer:2: there is no tab between a key and a value");
    expect_for_ever(b"\n", 0, "layer:1: there is no tab between a key and a value");
    let problem = r#"layer:3: key "a" is less than key "b" of line 2, but the keys of a layer must ascend"#;
    expect_for_ever(b"a\t1\nb\t1\na\t1\nc\t1\n", 2, problem);
    let problem = r#"layer:2: key "\xff" equals key "\xff" of line 1, but the keys of a layer must ascend"#;
    expect_for_ever(b"\xff\t1\n\xff\t2\n", 1, problem);
    let problem = r#"layer:2: key "" equals key "" of line 1, but the keys of a layer must ascend"#;
    expect_for_ever(b"\t1\n\t2\n", 1, problem);
}

#[test]
fn an_error_of_reading_names_the_line() {
    let third_call_fails = |call| if call == 3 { Err(io::Error::other("bad sector")) } else { Ok(()) };
    let mut iterator = FileIterator::new("layer", Troubled::new(b"a\t1\nb\t1\n", 3, third_call_fails));
    assert!(iterator.next().unwrap());
    let LayerError { line, problem, .. } = iterator.next().unwrap_err();
    assert_eq!(line, 2);
    assert!(matches!(problem, Problem::Io(error) if error.to_string() == "bad sector"));
    assert!(iterator.next().unwrap());
    assert_eq!((iterator.key(), iterator.value()), (b"b".as_slice(), b"1".as_slice()));
}

#[test]
fn the_end_is_final() {
    /// Has more to read after it has said that there is no more.
    struct Growing(Vec<&'static [u8]>);
    impl Read for Growing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.pop().unwrap_or_default().read(buffer)
        }
    }
    let mut iterator = FileIterator::new("layer", Growing(vec![b"b\t1\n", b"", b"a\t1\n"]));
    assert!(iterator.next().unwrap());
    for _ in 0..3 {
        assert!(!iterator.next().unwrap());
        assert!(!iterator.is_valid());
    }
}

#[test]
fn key_and_value_panic_off_an_entry() {
    #[track_caller]
    fn expect_panics(iterator: &FileIterator<&[u8]>) {
        assert!(catch_unwind(AssertUnwindSafe(|| _ = iterator.key())).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| _ = iterator.value())).is_err());
    }
    let mut iterator = FileIterator::new("layer", b"a\t1\nbroken\n".as_slice());
    expect_panics(&iterator);
    assert!(iterator.next().unwrap());
    assert_eq!((iterator.key(), iterator.value()), (b"a".as_slice(), b"1".as_slice()));
    assert!(iterator.next().is_err());
    expect_panics(&iterator);

    let mut iterator = FileIterator::new("layer", b"".as_slice());
    assert!(!iterator.next().unwrap());
    expect_panics(&iterator);
}

#[test]
fn a_panic_of_the_reader_leaves_the_step_open() {
    let third_call_panics = |call| {
        assert_ne!(call, 3);
        Ok(())
    };
    let mut iterator = FileIterator::new("layer", Troubled::new(b"a\t1\nb\t1\n", 3, third_call_panics));
    assert!(iterator.next().unwrap());
    assert!(catch_unwind(AssertUnwindSafe(|| iterator.next())).is_err());
    assert!(!iterator.is_valid());
    assert_eq!(drain(iterator).0, [(b"b".to_vec(), b"1".to_vec())]);
}

#[test]
fn a_merge_says_which_layer_failed() {
    let texts = [b"a\t1\nb\t1\n".as_slice(), b"a\t1\nbroken\n"];
    let mut merged = MergeIterator::new(texts.map(|text| FileIterator::new("layer", text)));
    assert!(merged.next().unwrap());
    for _ in 0..3 {
        let ChildError { child, error } = merged.next().unwrap_err();
        assert_eq!((child, error.line), (1, 2));
    }
}
