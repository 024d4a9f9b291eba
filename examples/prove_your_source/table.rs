//! A source as one writes it: a sorted table in pages on a disk, read page by page.

use std::io;

use storage_iter::testing::FailPoint;
use storage_iter::{SeekableIterator, StorageIterator};

/// A key and its value.
pub(crate) type Row = (&'static str, u64);

/// The pages of a table. Which keys are where is in memory; what is in a page must be read.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pages: Vec<Vec<Row>>,
}

impl Table {
    pub(crate) fn new(pages: Vec<Vec<Row>>) -> Self {
        Table { pages }
    }

    /// A disk that is read from. It can go on after an error.
    fn read(&self, page: usize, disk: &FailPoint) -> io::Result<&[Row]> {
        disk.pass()?;
        Ok(&self.pages[page])
    }

    pub(crate) fn iter(&self, disk: FailPoint) -> TableIterator<'_> {
        TableIterator { table: self, disk, page: 0, rows: None, row: 0, target: None, is_valid: false }
    }
}

/// A cursor over a table.
#[derive(Clone, Debug)]
pub(crate) struct TableIterator<'a> {
    table: &'a Table,
    disk: FailPoint,
    page: usize,
    /// The page's rows, once they are read.
    rows: Option<&'a [Row]>,
    /// The row that the cursor stands on, or goes to.
    row: usize,
    /// Where a seek goes to, until it has come there.
    target: Option<String>,
    is_valid: bool,
}

impl TableIterator<'_> {
    fn current(&self) -> &Row {
        assert!(self.is_valid, "not on an entry");
        &self.rows.expect("a valid cursor has read its page")[self.row]
    }
}

impl StorageIterator for TableIterator<'_> {
    type Key = str;
    type Value = u64;
    type Error = io::Error;

    fn next(&mut self) -> io::Result<bool> {
        // All that is to be remembered is set before the disk is asked, so a call after an error goes on where this one began.
        self.row += usize::from(self.is_valid);
        self.is_valid = false;
        while self.page < self.table.pages.len() {
            let rows = match self.rows {
                Some(rows) => rows,
                None => *self.rows.insert(self.table.read(self.page, &self.disk)?),
            };
            if let Some(target) = &self.target {
                self.row = rows.partition_point(|(key, _)| *key < target.as_str());
            }
            if self.row < rows.len() {
                self.target = None;
                self.is_valid = true;
                return Ok(true);
            }
            (self.page, self.rows, self.row) = (self.page + 1, None, 0);
        }
        Ok(false)
    }

    fn is_valid(&self) -> bool {
        self.is_valid
    }

    fn key(&self) -> &str {
        self.current().0
    }

    fn value(&self) -> &u64 {
        &self.current().1
    }
}

/// A seek says where to go, and leaves the going to `next`; so there is only one place that may fail.
impl SeekableIterator for TableIterator<'_> {
    fn seek(&mut self, key: &str) -> io::Result<bool> {
        let is_far_enough = |page: &Vec<Row>| page.last().is_some_and(|(last, _)| *last >= key);
        self.page = self.table.pages.iter().position(is_far_enough).unwrap_or(self.table.pages.len());
        (self.rows, self.row, self.is_valid) = (None, 0, false);
        self.target = Some(key.to_string());
        self.next()
    }

    fn seek_to_first(&mut self) -> io::Result<bool> {
        self.seek("")
    }
}
