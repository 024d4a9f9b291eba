//! What the tables do without the trait in scope.

use std::ops::Bound::Unbounded;

use crate::support::entries;

macro_rules! inherent_methods {
    ($($name:ident: $table:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            let table = storage_iter::$table::new();
            assert!(table.is_empty());
            table.delete(b"a");
            assert_eq!((table.is_empty(), table.len(), table.get(b"a").as_deref()), (false, 1, Some(b"".as_slice())));
            table.put(b"a", b"1");
            table.delete(b"a");
            let tombstone = [(b"a".to_vec(), vec![])];
            assert_eq!(entries(table.scan(Unbounded, Unbounded)), tombstone);
            assert_eq!(entries(table.freeze().iter()), tombstone);
            assert_eq!(table.approximate_size(), 1);
        }
    )*};
}

inherent_methods! {
    mem_table: MemTable,
    btree_mem_table: BTreeMemTable,
    snapshot_mem_table: SnapshotMemTable,
}
