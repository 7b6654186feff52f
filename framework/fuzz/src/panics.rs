//! Panics that are caught are not findings: the ONNX runtime's are turned into refusals where it is called.

use std::sync::{Mutex, PoisonError};

static LAST: Mutex<String> = Mutex::new(String::new());

/// Replaces the hook that ends the process at any panic: panics that nobody catches end it still, and a target's own are shown.
pub fn remember_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if panic
            .location()
            .is_some_and(|place| place.file().starts_with("targets/"))
        {
            eprintln!("{panic}");
        }
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = panic.to_string();
    }));
}

/// What the last panic said and where.
pub fn last_panic() -> String {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
