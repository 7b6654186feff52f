use super::{FloatGraph, Operation};

/// Runs a graph on its inputs, in order, and gives every tensor's values, by place; what no node computes is empty.
///
/// Every sum has one order and is taken in f64, so that the result, and with it a quantised model, is the same on every
/// machine; the ONNX runtime's kernels differ from processor to processor.
pub(crate) fn run(graph: &FloatGraph, inputs: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut values: Vec<Vec<f32>> = graph
        .tensors()
        .map(|tensor| {
            let constant = graph.tensor(tensor).constant.as_ref();
            constant.map_or_else(Vec::new, |constant| constant.iter().copied().collect())
        })
        .collect();
    for (tensor, input) in graph.inputs.iter().zip(inputs) {
        values[FloatGraph::place(*tensor)].clone_from(input);
    }
    for node in &graph.nodes {
        let input = |place: usize| match node.inputs.get(place) {
            Some(tensor) => &values[FloatGraph::place(*tensor)][..],
            None => &[],
        };
        let x = input(0);
        let output = match &node.operation {
            Operation::MatMul(product) => product.run(x),
            Operation::Conv2d(convolution) => convolution.run(x),
            Operation::MaxPool2d(pool) => pool.run(x),
            Operation::Clip(bounds) => x.iter().map(|x| bounds.apply(*x)).collect(),
            Operation::Add(bounds) => x.iter().zip(input(1)).map(|(a, b)| bounds.apply(a + b)).collect(),
            Operation::Reshape => x.to_vec(),
        };
        values[FloatGraph::place(node.output)] = output;
    }
    values
}
