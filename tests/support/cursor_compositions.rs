//! [`visit_every_cursor`]: every combinator that keeps a cursor a cursor, alone and nested, over hostile sources.

use std::ops::Bound::{Excluded, Included, Unbounded};
use std::rc::Rc;

use storage_iter::{BidirectionalIterator, SliceIterator, StorageIterator};

use super::{Composition, Failure, Faults, HostileIterator, Layers, Origin};

/// Hands out the sources of a composition, over one layer each, which the same faults strike.
#[derive(Clone, Debug)]
pub struct CursorLeaves {
    layers: Layers,
    faults: Rc<Faults>,
}

impl CursorLeaves {
    /// Sources over `layers` whose calls go wrong as `faults` say.
    pub fn new(layers: &Layers, faults: Faults) -> Self {
        CursorLeaves { layers: layers.clone(), faults: Rc::new(faults) }
    }

    /// What goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The layers.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// A new source over one layer, or over none where there are not as many; `path` leads to it from the top.
    pub fn leaf(&self, layer: usize, path: &[usize]) -> HostileIterator {
        HostileIterator::disturbed(self.layers.layer(layer), &self.faults, path)
    }

    /// What a closure calls where it may panic.
    pub fn may_panic(&self) {
        if self.faults.strike_closure() {
            std::panic::resume_unwind(Box::new(super::moments::Bang));
        }
    }
}

/// What to do with every cursor.
pub trait CursorVisitor {
    /// `make` makes it anew, over sources that were not used before.
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&CursorLeaves) -> I)
    where
        I: BidirectionalIterator<Key = [u8], Value = [u8], Error: Origin>;
}

/// Shows every cursor to the visitor.
pub fn visit_every_cursor(visitor: &mut impl CursorVisitor) {
    visit_combinators(visitor);
    visit_pointers(visitor);
    visit_nestings(visitor);
}

fn leaf(leaves: &CursorLeaves) -> HostileIterator {
    leaves.leaf(0, &[])
}

/// A predicate that may panic.
fn is_even(leaves: &CursorLeaves) -> impl FnMut(&[u8], &[u8]) -> bool + use<> {
    let leaves = leaves.clone();
    move |_, value| {
        leaves.may_panic();
        value.len().is_multiple_of(2)
    }
}

fn visit_combinators(visitor: &mut impl CursorVisitor) {
    let of = Composition::of;
    visitor.visit(of("skip_tombstones"), |leaves| leaf(leaves).skip_tombstones());
    visitor.visit(of("filter"), |leaves| leaf(leaves).filter(is_even(leaves)));
    visitor.visit(of("filter to nothing"), |leaves| leaf(leaves).filter(|_, _| false));
    visitor.visit(of("inspect"), |leaves| {
        let closure = leaves.clone();
        leaf(leaves).inspect(move |_, _| closure.may_panic())
    });
    visitor.visit(of("map_value"), |leaves| leaf(leaves).map_value(|value| value.get(1..).unwrap_or_default()));
    visitor.visit(of("map_err"), |leaves| leaf(leaves).map_err(|error| error));
    visitor.visit(of("check_order"), |leaves| leaf(leaves).check_order());
    visitor.visit(Composition { is_fused: true, ..of("fuse") }, |leaves| leaf(leaves).fuse());
    visitor.visit(of("between unbounded"), |leaves| leaf(leaves).between::<Vec<u8>>(Unbounded, Unbounded));
    let keys = [&b""[..], b"\0", b"a", b"b", b"\xFF\xFF"].map(<[u8]>::to_vec);
    for lower in keys.iter().map(|key| Included(key.clone())).chain([Unbounded, Excluded(keys[2].clone())]) {
        for upper in keys.iter().map(|key| Excluded(key.clone())).chain([Unbounded, Included(keys[3].clone())]) {
            visitor.visit(of("between"), |leaves| leaf(leaves).between(lower.clone(), upper.clone()));
            visitor.visit(of("between by seek"), |leaves| leaf(leaves).between(lower.clone(), upper.clone()).by_seek());
        }
    }
}

/// What only hands calls on.
fn visit_pointers(visitor: &mut impl CursorVisitor) {
    let of = |name| Composition { passes_is_valid_on: true, ..Composition::of(name) };
    visitor.visit(of("the source"), leaf);
    visitor.visit(of("Box"), |leaves| Box::new(leaf(leaves)));
    visitor.visit(of("Box of dyn"), |leaves| {
        Box::new(leaf(leaves)) as Box<dyn BidirectionalIterator<Key = [u8], Value = [u8], Error = Failure>>
    });
    #[cfg(feature = "either")]
    {
        use either::Either;
        visitor.visit(of("Either left"), |leaves| Either::<_, Box<HostileIterator>>::Left(leaf(leaves)));
        visitor.visit(of("Either right"), |leaves| Either::<Box<HostileIterator>, _>::Right(leaf(leaves)));
    }
}

fn visit_nestings(visitor: &mut impl CursorVisitor) {
    let of = Composition::of;
    visitor.visit(of("skip_tombstones of between"), |leaves| {
        leaf(leaves).between(Included(&b"a"[..]), Excluded(&b"b"[..])).skip_tombstones()
    });
    visitor.visit(of("between of skip_tombstones"), |leaves| {
        leaf(leaves).skip_tombstones().between(Excluded(&b"a"[..]), Unbounded)
    });
    visitor.visit(of("between of between"), |leaves| {
        leaf(leaves).between(Included(&b"a"[..]), Unbounded).between(Unbounded, Included(&b"b"[..]))
    });
    visitor.visit(of("between of empty between"), |leaves| {
        leaf(leaves).between(Included(&b"b"[..]), Excluded(&b"b"[..])).between(Unbounded, Included(&b"b"[..]))
    });
    visitor.visit(of("filter of between by seek of between by seek"), |leaves| {
        let inner = leaf(leaves).between(Included(&b"\0"[..]), Unbounded).by_seek();
        inner.between(Excluded(&b"\0"[..]), Included(&b"b"[..])).by_seek().filter(is_even(leaves))
    });
    visitor.visit(of("check_order of filter of filter"), |leaves| {
        leaf(leaves).filter(is_even(leaves)).filter(|key, _| !key.contains(&0)).check_order()
    });
    visitor.visit(of("filter of inspect of check_order of between"), |leaves| {
        let closure = leaves.clone();
        let between = leaf(leaves).between(Unbounded, Excluded(&b"b"[..]));
        between.check_order().inspect(move |_, _| closure.may_panic()).filter(is_even(leaves))
    });
    visitor.visit(Composition { is_fused: true, ..of("skip_tombstones of fuse of between") }, |leaves| {
        leaf(leaves).between(Included(&b"a"[..]), Unbounded).fuse().skip_tombstones()
    });
}

/// Cursors that cannot fail, lifted to the error type of those that can.
pub fn lifted(layers: &Layers) -> impl BidirectionalIterator<Key = Vec<u8>, Value = Vec<u8>, Error = Failure> {
    SliceIterator::new(layers.layer(0)).lift_err()
}
