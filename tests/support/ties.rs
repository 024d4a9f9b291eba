//! [`behind_ties`]: layers of which a merge makes offset-value codes.

use super::Layers;

/// Before all other keys come so many whose leading bytes tie that a merge goes over to offset-value codes, which it then keeps to.
pub fn behind_ties(mut layers: Layers) -> Layers {
    let sources = layers.0.len().max(1);
    for (source, layer) in layers.0.iter_mut().enumerate() {
        let keys = (source as u8..TIES as u8).step_by(sources).map(|last| match last {
            // All that it has in common with the others are the bytes behind its end.
            0 => vec![0],
            last => [[0; 20].as_slice(), &[last]].concat(),
        });
        layer.splice(..0, keys.map(|key| (key, b"tied".to_vec())));
    }
    layers
}

/// How many keys [tie](behind_ties).
pub const TIES: usize = 100;
