//! Any bytes as packages: see `tongclear_package::fuzzing::package`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tongclear_package::fuzzing::package(data));
