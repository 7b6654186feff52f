//! No panic leaves a guard.

use opml_plugin_abi::abi_stable::std_types::RResult;
use opml_plugin_abi::{Buffer, Error, code, guard};

fn caught(body: impl FnOnce()) -> Error {
    match guard(|| {
        body();
        Ok(())
    }) {
        RResult::RErr(error) => error,
        RResult::ROk(()) => panic!("the body panics"),
    }
}

#[test]
fn values_and_errors_pass() {
    assert_eq!(guard(|| Ok(5)), RResult::ROk(5));
    let error = Error::new(code::USER, "no")
        .at("here")
        .with_help("do")
        .of_operator(3)
        .with_figures([1, 2]);
    assert_eq!(guard(|| Err::<(), _>(error.clone())), RResult::RErr(error));
}

#[test]
fn a_panic_becomes_an_error_with_its_line() {
    let number = 7;
    for (error, message) in [
        (caught(|| panic!("plain")), "plain"),
        (caught(|| panic!("number {number}")), "number 7"),
        (caught(|| std::panic::panic_any(number)), "no message"),
    ] {
        assert_eq!((error.code, error.message.as_str()), (code::PANICKED, message));
        assert!(error.place.starts_with(file!()), "{}", error.place);
    }
}

#[test]
fn a_panic_that_was_caught_inside_leaves_no_trace() {
    let outer = guard(|| {
        let inner = caught(|| panic!("inner"));
        assert_eq!(inner.message.as_str(), "inner");
        Ok(1)
    });
    assert_eq!(outer, RResult::ROk(1));
    let error = caught(|| {
        caught(|| panic!("inner"));
        std::panic::resume_unwind(Box::new("thrown on"));
    });
    assert_eq!((error.message.as_str(), error.place.as_str()), ("thrown on", ""));
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_is_held() {
    struct Spiteful;

    impl Drop for Spiteful {
        fn drop(&mut self) {
            panic!("again");
        }
    }

    assert_eq!(
        caught(|| std::panic::panic_any(Spiteful)).message.as_str(),
        "no message"
    );
}

#[test]
fn bytes_inside_their_owner_stay_where_they_are() {
    let buffer = Buffer::new([7u8; 40]);
    let place = buffer.as_ref().as_ptr();
    let moved = [buffer];
    assert_eq!((moved[0].as_ref(), moved[0].as_ref().as_ptr()), (&[7u8; 40][..], place));
}
