//! No panic crosses the boundary.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use abi_stable::std_types::RResult;

use crate::{Error, code};

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs the body of a method that the other side calls; a panic becomes an error of code [`code::PANICKED`] whose
/// `place` is the source line, and is not printed.
///
/// Wrap whole bodies. What the body had begun to change is left as the panic left it.
pub fn guard<T>(body: impl FnOnce() -> Result<T, Error>) -> RResult<T, Error> {
    static HOOK: Once = Once::new();
    HOOK.call_once(install_hook);
    PLACE.with_borrow_mut(String::clear);
    DEPTH.set(DEPTH.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(body));
    DEPTH.set(DEPTH.get() - 1);
    result.unwrap_or_else(|payload| Err(panicked(payload))).into()
}

/// Inside a guard the hook notes the line and prints nothing; elsewhere the hook that was there before does its work.
fn install_hook() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if DEPTH.get() == 0 {
            return previous(info);
        }
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        PLACE.with_borrow_mut(|noted| *noted = place);
    }));
}

fn panicked(payload: Box<dyn Any + Send>) -> Error {
    let message = match payload.downcast_ref::<&str>() {
        Some(text) => (*text).to_owned(),
        None => match payload.downcast_ref::<String>() {
            Some(text) => text.clone(),
            None => "no message".to_owned(),
        },
    };
    // A payload's own destructor may panic too.
    let _ = catch_unwind(AssertUnwindSafe(move || drop(payload)));
    Error::new(code::PANICKED, message).at(PLACE.take())
}
