use opml_ops::work_units;
use thiserror::Error;

use crate::{GuestImage, Model, WholeGraph};

/// The most steps that honest roles let a machine stage's run take: a quarter of what a game can hold.
pub const MOST_STEPS: u64 = 1 << 38;

/// Why honest roles refuse a model in front of a guest image: its run might be longer than a game holds.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what} takes up to {steps} steps in the `{vm}` machine, more than {MOST_STEPS}: split it")]
pub struct CostError {
    /// The node, or the whole model when it is packed into one record.
    pub what: String,
    /// The bound on its steps.
    pub steps: u64,
    /// The machine.
    pub vm: String,
}

/// Checks that no node of a valid model, as a whole or in blocks, can take more than [`MOST_STEPS`] in the image's machine. The bound of a node
/// is its work units times what the image takes for one at most.
pub fn check_costs(model: &Model, image: &GuestImage) -> Result<(), CostError> {
    for (index, node) in model.nodes.iter().enumerate() {
        bounded(work_units(&node.record), image, || {
            format!("node {index} `{}`", node.name)
        })?;
    }
    Ok(())
}

/// The same of a model that is packed into one record, which runs all its nodes.
pub fn check_packed_cost(packed: &WholeGraph, image: &GuestImage) -> Result<(), CostError> {
    let needs = opml_ops::admit_whole_graph(&packed.record, &packed.table.bytes);
    let units = needs.map_or(u64::MAX, |needs| needs.work_units);
    bounded(units, image, || "the model as one run".into())
}

fn bounded(units: u64, image: &GuestImage, what: impl FnOnce() -> String) -> Result<(), CostError> {
    let steps = units.saturating_mul(image.steps_per_unit.max(1));
    match steps <= MOST_STEPS {
        true => Ok(()),
        false => Err(CostError {
            what: what(),
            steps,
            vm: image.vm.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use opml_commit::Root;
    use opml_ops::{DType, MAX_INPUTS, Operator, Record, Shape, Source, Value};

    use super::*;
    use crate::Node;

    fn product(depth: u32) -> Model {
        let value = |source, dtype, dims: &[u32]| Value {
            source,
            index: 0,
            dtype,
            shape: Shape::new(dims).expect("a shape"),
        };
        let mut record = Record::new(Operator::MatMulI8I32 as u32, value(None, DType::I32, &[4096, 4096]));
        record.push_input(value(Some(Source::Feed), DType::I8, &[4096, depth]));
        record.push_input(value(Some(Source::Feed), DType::I8, &[depth, 4096]));
        record.push_input(value(Some(Source::Feed), DType::I32, &[4096, 4096]));
        record.set_block_log2(20);
        let mut model = Model::named("product");
        model.nodes.push(Node {
            name: "p".into(),
            record,
            constants: [None; MAX_INPUTS],
        });
        model
    }

    #[test]
    fn a_node_that_takes_too_long_is_named() {
        let image = |steps_per_unit| GuestImage {
            vm: "slow".into(),
            root: Root::ZERO,
            bytes: Bytes::new(),
            steps_per_unit,
        };
        // 2^24 outputs of 4 · depth + 32 units, and what every node costs.
        assert_eq!(check_costs(&product(500), &image(8)), Ok(()));
        let refused = check_costs(&product(1000), &image(8)).expect_err("too long");
        assert_eq!(
            refused.to_string(),
            "node 0 `p` takes up to 541165895680 steps in the `slow` machine, more than 274877906944: split it"
        );
        assert!(check_costs(&product(500), &image(1 << 10)).is_err());
    }
}
