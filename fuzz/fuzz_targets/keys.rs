#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| storage_iter_fuzz::keys::keys(bytes));
