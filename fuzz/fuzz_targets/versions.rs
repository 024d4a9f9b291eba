#![no_main]

libfuzzer_sys::fuzz_target!(init: storage_iter_fuzz::expect_seeks_cut_short(), |bytes: &[u8]| {
    storage_iter_fuzz::versions::versions(bytes);
});
