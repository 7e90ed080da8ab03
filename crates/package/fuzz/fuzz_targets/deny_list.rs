//! Any bytes as deny lists: see `tongclear_package::fuzzing::deny_list`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tongclear_package::fuzzing::deny_list(data));
