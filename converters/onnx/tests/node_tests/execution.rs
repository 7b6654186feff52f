use opml_graph::Model;
use opml_ops::Source;

/// The outputs of a model by the operators' definitions.
pub(crate) fn run(model: &Model, feeds: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut locals: Vec<Vec<u8>> = Vec::new();
    for node in &model.nodes {
        let record = &node.record;
        if record.tag() == 0 {
            locals.push(Vec::new());
            continue;
        }
        let inputs: Vec<&[u8]> = (0..record.input_count())
            .map(|input| {
                let value = record.input(input).expect("an input");
                match value.source.expect("a source") {
                    Source::Constant => &model.constants[node.constants[input].expect("a constant")].bytes[..],
                    Source::Feed => &feeds[value.index as usize],
                    Source::Local => &locals[value.index as usize],
                    Source::Carry => panic!("an imported graph carries nothing"),
                }
            })
            .collect();
        let mut output = match record.output_initial() {
            Some(initial) => inputs[initial].to_vec(),
            None => vec![0; record.output_bytes() as usize],
        };
        let mut scratch = vec![0; record.scratch_bytes() as usize];
        opml_ops::run(record, &inputs, &mut output, 0, &mut scratch).expect("an admitted node runs");
        locals.push(output);
    }
    let first = (model.output_index as usize) << model.output_height;
    (0..model.outputs.len())
        .map(|place| locals[first + place].clone())
        .collect()
}
