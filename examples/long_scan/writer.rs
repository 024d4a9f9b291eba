//! What is written: every key once, then random ones again, at an even rate.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::engine::{Engine, Failure};

const VALUE: usize = 100;

/// The key with this number, in order.
pub(crate) fn key(number: u64) -> [u8; 16] {
    (u128::from(number) << 64).to_be_bytes()
}

fn value(sequence: u64) -> [u8; VALUE] {
    let mut value = [0; VALUE];
    value[..8].copy_from_slice(&sequence.to_le_bytes());
    value
}

/// Puts every key once, in no order.
pub(crate) fn fill(engine: &Engine, keys: u64) -> Result<(), Failure> {
    // A prime that does not divide the number of keys leads through all of them.
    let step = [7_919, 7_927].into_iter().find(|step| !keys.is_multiple_of(*step)).unwrap_or(1);
    for number in 0..keys {
        engine.put(&key(number * step % keys), &value(number));
        if number.is_multiple_of(1024) {
            engine.maintain_once()?;
        }
    }
    engine.maintain_once()
}

/// Puts random keys until it is told to stop.
pub(crate) fn overwrite(engine: &Engine, keys: u64, per_second: u64, stop: &AtomicBool) -> Result<(), Failure> {
    let start = Instant::now();
    let (mut random, mut written) = (0x2545_f491_4f6c_dd1d_u64, 0);
    while !stop.load(Ordering::Relaxed) {
        let due = (start.elapsed().as_secs_f64() * per_second as f64) as u64;
        while written < due {
            // Xorshift.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            engine.put(&key(random % keys), &value(keys + written));
            written += 1;
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}
