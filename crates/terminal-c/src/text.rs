//! Strings across the boundary.

use std::ffi::{CStr, c_char};
use std::path::PathBuf;

/// The path that a C string names.
pub(crate) fn path(text: *const c_char) -> Option<PathBuf> {
    if text.is_null() {
        return None;
    }
    #[expect(unsafe_code, reason = "the caller hands a string that ends with a zero, as the header says")]
    // SAFETY: not null, and by the contract of every function that calls this it ends with a zero byte.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().ok().map(PathBuf::from)
}

/// `text` as a zero-terminated array, cut at a character's border where it is too long.
pub(crate) fn fixed<const N: usize>(text: &str) -> [c_char; N] {
    let mut array = [0; N];
    let mut end = text.len().min(N - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    for (to, from) in array.iter_mut().zip(text[..end].bytes()) {
        *to = from.cast_signed();
    }
    array
}
