use opml_commit::height_of;
use opml_ops::{ALIAS, MAX_INPUTS, Record, Source, Value};

use crate::{Model, Node, Port, usual_block_log2};

/// Makes `outputs` the output block of a graph: values of the graph, by where a node would read them, with their names. One local
/// is the output as it stands; anything else is copied into aliases in a last aligned block of locals.
pub fn append_outputs(model: &mut Model, outputs: Vec<(Value, Port)>) {
    if let [(value, port)] = &outputs[..]
        && value.source == Some(Source::Local)
    {
        (model.output_height, model.output_index) = (0, value.index);
        model.outputs = vec![port.clone()];
        return;
    }
    let height = height_of(outputs.len() as u64);
    let width = 1usize << height;
    while !model.nodes.len().is_multiple_of(width) {
        model.nodes.push(gap());
    }
    model.output_height = u32::from(height);
    model.output_index = (model.nodes.len() >> height) as u32;
    for (value, port) in outputs {
        let mut record = Record::new(
            ALIAS,
            Value {
                source: None,
                index: 0,
                ..value
            },
        );
        record.push_input(value);
        record.set_block_log2(usual_block_log2(value.bytes()));
        model.nodes.push(Node {
            name: format!("output {}", port.name),
            record,
            constants: [None; MAX_INPUTS],
        });
        model.outputs.push(port);
    }
}

fn gap() -> Node {
    Node {
        name: "gap".into(),
        record: Record::gap(),
        constants: [None; MAX_INPUTS],
    }
}
