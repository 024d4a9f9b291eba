//! A write-set over an embedded database: a batch that is not committed yet, read as if it were.
//!
//! The committed entries lie in a table of redb, the batch in a [`MemTable`]. A [`TwoMergeIterator`] of both shows
//! what the table will hold after the commit, without a copy of either. [`TableIterator`] makes redb's range a
//! storage iterator; any engine with a range cursor becomes one the same way.
//!
//! ```sh
//! cargo run --example write_set
//! ```

#[path = "shared/ending.rs"]
mod ending;

use std::error::Error;
use std::io::{self, Write};
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::process::ExitCode;

use redb::{AccessGuard, Database, ReadOnlyTable, ReadableDatabase, StorageError, TableDefinition};
use storage_iter::{ChildError, FuseError, FuseIterator, MemTable, StorageIterator, Tombstone, TwoMergeIterator};

const STOCK: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("stock");

type Table = ReadOnlyTable<&'static [u8], &'static [u8]>;
type Range<'a> = redb::Range<'a, &'static [u8], &'static [u8]>;
type Guard<'a> = AccessGuard<'a, &'static [u8]>;

/// The entries of a range of a redb table. It lends what redb's guards give access to: the database's own pages.
struct TableIterator<'a> {
    range: Range<'a>,
    entry: Option<(Guard<'a>, Guard<'a>)>,
}

impl<'a> TableIterator<'a> {
    /// redb does not promise where a range goes on after an error, so the first one is made final.
    fn new(range: Range<'a>) -> FuseIterator<Self> {
        TableIterator { range, entry: None }.fuse()
    }
}

impl StorageIterator for TableIterator<'_> {
    type Key = [u8];
    type Value = [u8];
    type Error = StorageError;

    fn next(&mut self) -> Result<bool, StorageError> {
        self.entry = None;
        self.entry = self.range.next().transpose()?;
        Ok(self.is_valid())
    }

    fn is_valid(&self) -> bool {
        self.entry.is_some()
    }

    fn key(&self) -> &[u8] {
        self.entry.as_ref().expect("stands on an entry").0.value()
    }

    fn value(&self) -> &[u8] {
        self.entry.as_ref().expect("stands on an entry").1.value()
    }
}

fn main() -> ExitCode {
    ending::end("write_set", run())
}

fn run() -> Result<(), Box<dyn Error>> {
    // redb locks the file; it goes away at the end of this function.
    let file = tempfile::NamedTempFile::new()?;
    let database = Database::create(file.path())?;
    let first = MemTable::new();
    for (fruit, count) in [("apple", "3"), ("banana", "12"), ("cherry", "7"), ("grape", "20")] {
        first.put(fruit.as_bytes(), count.as_bytes());
    }
    commit(&database, &first)?;

    // The next batch: one overwrite, one deletion, one new key. The database knows nothing of it.
    let batch = MemTable::new();
    batch.put(b"apple", b"4");
    batch.delete(b"banana");
    batch.put(b"damson", b"9");

    let table = open(&database)?;
    show("committed", scan(&table, Unbounded, Unbounded)?)?;
    show("batch", batch.scan(Unbounded, Unbounded))?;
    show("read as one", scan_with(&batch, &table, Unbounded, Unbounded)?)?;
    show("  from b to d", scan_with(&batch, &table, Included(b"b"), Excluded(b"d"))?)?;

    let foreseen: Vec<_> = scan_with(&batch, &table, Unbounded, Unbounded)?.collect()?;
    commit(&database, &batch)?;
    let table = open(&database)?;
    show("after the commit", scan(&table, Unbounded, Unbounded)?)?;

    let committed: Vec<_> = scan(&table, Unbounded, Unbounded)?.collect()?;
    if committed != foreseen {
        return Err("the view over the batch and the committed table differ".into());
    }
    writeln!(
        io::stdout(),
        "\nThe view before the commit and the table after it agree in all {} entries.",
        committed.len()
    )?;
    Ok(())
}

/// The entries of the table alone between two bounds, which the B-tree seeks.
fn scan<'a>(
    table: &'a Table,
    lower: Bound<&[u8]>,
    upper: Bound<&[u8]>,
) -> Result<FuseIterator<TableIterator<'a>>, StorageError> {
    Ok(TableIterator::new(table.range::<&[u8]>((lower, upper))?))
}

/// The entries of the table as the batch is going to leave it. This is the whole write-set.
fn scan_with<'a>(
    batch: &'a MemTable,
    table: &'a Table,
    lower: Bound<&[u8]>,
    upper: Bound<&[u8]>,
) -> Result<impl StorageIterator<Key = [u8], Value = [u8], Error = ChildError<FuseError<StorageError>>>, StorageError> {
    let batch = batch.scan(lower, upper).lift_err();
    Ok(TwoMergeIterator::new(batch, scan(table, lower, upper)?).skip_tombstones())
}

/// The table as it was last committed.
fn open(database: &Database) -> Result<Table, Box<dyn Error>> {
    Ok(database.begin_read()?.open_table(STOCK)?)
}

/// Applies a batch in one transaction: all of it or nothing.
fn commit(database: &Database, batch: &MemTable) -> Result<(), Box<dyn Error>> {
    let transaction = database.begin_write()?;
    let mut table = transaction.open_table(STOCK)?;
    let mut entries = batch.scan(Unbounded, Unbounded);
    while entries.next()? {
        if entries.value().is_tombstone() {
            table.remove(entries.key())?;
        } else {
            table.insert(entries.key(), entries.value())?;
        }
    }
    drop(table);
    transaction.commit()?;
    Ok(())
}

/// Prints entries on one line.
fn show<I>(title: &str, mut entries: I) -> Result<(), Box<dyn Error>>
where
    I: StorageIterator<Key = [u8], Value = [u8], Error: Error + 'static>,
{
    let mut shown = Vec::new();
    while entries.next()? {
        let value = if entries.value().is_tombstone() { b"deleted".as_slice() } else { entries.value() };
        shown.push(format!("{} {}", entries.key().escape_ascii(), value.escape_ascii()));
    }
    writeln!(io::stdout(), "{title:<18}{}", shown.join(", "))?;
    Ok(())
}
