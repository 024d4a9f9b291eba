//! A table of somebody else, `scc::TreeIndex`, made a source of storage iterators by one short method.
//!
//! Its own iterator borrows an epoch guard, which stalls reclamation while it lives and cannot be sent to another
//! thread. `ChunkIterator` opens it for one chunk at a time.
//!
//! ```text
//! cargo run --example third_party_table
//! ```

#[path = "shared/ending.rs"]
mod ending;

use std::convert::Infallible;
use std::error::Error;
use std::io::{self, Write};
use std::ops::Bound::{self, Unbounded};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use scc::{Guard, TreeIndex};
use storage_iter::{Chunk, ChunkIterator, ChunkSource, MemTable, StorageIterator};

#[derive(Default)]
struct TreeTable {
    tree: TreeIndex<Vec<u8>, Vec<u8>>,
}

impl ChunkSource for TreeTable {
    type Error = Infallible;

    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
        for (key, value) in self.tree.range::<[u8], _>((from, upper), &Guard::new()) {
            if !chunk.push(key, value) {
                break;
            }
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    ending::end("third_party_table", run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let table = Arc::new(TreeTable::default());
    for number in 0..1000_u32 {
        let inserted = table.tree.insert_sync(number.to_be_bytes().to_vec(), b"old".to_vec());
        assert!(inserted.is_ok(), "each key is new");
    }

    // It merges with any other source, and the scanning thread may write to it.
    let newer = MemTable::new();
    newer.put(&7_u32.to_be_bytes(), b"new");
    newer.delete(&8_u32.to_be_bytes());
    let mut entries =
        newer.scan(Unbounded, Unbounded).two_merge(ChunkIterator::new(&*table, Unbounded, Unbounded)).skip_tombstones();
    let (mut count, mut changed) = (0, 0);
    while entries.next() == Ok(true) {
        count += 1;
        changed += usize::from(entries.value() == b"new");
        table.tree.upsert_sync(entries.key().to_vec(), b"seen".to_vec());
    }
    writeln!(io::stdout(), "{count} live entries, {changed} of them from the newer table")?;
    assert_eq!((count, changed), (999, 1));

    // An iterator that owns a share of it goes to another thread.
    let owned = ChunkIterator::new(Arc::clone(&table), Unbounded, Unbounded);
    drop(table);
    let seen = thread::spawn(move || owned.filter(|_, value| value == b"seen").count());
    let Ok(Ok(seen)) = seen.join() else { panic!("the other thread does not fail") };
    writeln!(io::stdout(), "{seen} entries were written while they were scanned")?;
    assert_eq!(seen, 999);
    Ok(())
}
