//! Every operator has frozen vectors, and computes them.

mod cases;

use opml_ops::Operator;

#[test]
fn frozen_vectors_hold() {
    for operator in Operator::ALL {
        let vectors = cases::frozen::read(operator.name());
        assert!(vectors.len() > 1, "{} has vectors", operator.name());
        for frozen in vectors {
            assert_eq!(frozen.case.record.tag(), *operator as u32);
            assert_eq!(
                frozen.case.run_all(),
                frozen.output,
                "{}: {}",
                operator.name(),
                frozen.name
            );
        }
    }
}
