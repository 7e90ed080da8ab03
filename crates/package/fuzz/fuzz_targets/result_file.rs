//! Any bytes as result files: see `tongclear_package::fuzzing::result_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tongclear_package::fuzzing::result_file(data));
