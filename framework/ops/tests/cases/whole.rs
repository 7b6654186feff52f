use opml_ops::{DType, GAP, Record, SCRATCH_BASE, Source, WHOLE_GRAPH};

use super::{Case, elementwise, matmul, value};

fn push_padded(bytes: &mut Vec<u8>, content: &[u8]) -> u32 {
    let first = bytes.len() as u32;
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(128), 0);
    first
}

/// A chain of matrix multiplications with an alias, a gap and a clamp between them, and what each node computes.
pub(crate) fn whole_graph(rows: u32, depths: &[u32], seed: u64) -> (Case, Vec<Case>) {
    let mut nodes: Vec<Case> = Vec::new();
    let mut x: Option<Vec<u8>> = None;
    for (layer, sizes) in depths.windows(2).enumerate() {
        let mut product = matmul(rows, sizes[0], sizes[1], seed + layer as u64);
        if let Some(x) = x {
            product.inputs[0] = x;
        }
        let mut clamp = elementwise(opml_ops::Operator::ClampI8, &[rows, sizes[1]], seed + layer as u64);
        clamp.inputs[0] = product.run_all();
        let mut alias = elementwise(opml_ops::Operator::Alias, &[rows, sizes[1]], seed);
        alias.inputs[0] = clamp.run_all();
        x = Some(alias.run_all());
        nodes.extend([product, clamp, alias]);
    }
    let feed = nodes[0].inputs[0].clone();

    // Records: every layer is product, clamp, gap, alias.
    let mut records: Vec<Record> = Vec::new();
    let mut constants = Vec::new();
    let mut local_end = SCRATCH_BASE;
    for (place, case) in nodes.iter().enumerate() {
        if place % 3 == 2 {
            records.push(Record::gap());
        }
        let node = records.len() as u32;
        let stated = &case.record;
        let mut output = stated.output().expect("a case has an output");
        output.index = local_end;
        local_end += output.bytes().next_multiple_of(128);
        let mut record = Record::new(stated.tag(), output);
        for input in 0..stated.input_count() {
            let mut described = stated.input(input).expect("a case has its inputs");
            (described.source, described.index) = match (input, place) {
                (0, 0) => (Some(Source::Feed), 0),
                (0, _) if place % 3 == 2 => (Some(Source::Local), node - 2),
                (0, _) => (Some(Source::Local), node - 1),
                _ => (Some(Source::Constant), push_padded(&mut constants, &case.inputs[input])),
            };
            record.push_input(described);
        }
        for attribute in 0..16 {
            record.set_attribute(attribute, stated.attribute(attribute));
        }
        record.set_block_log2(7);
        records.push(record);
    }
    let table: Vec<u8> = records.iter().flat_map(|record| record.to_bytes()).collect();
    assert!(records.iter().any(|record| record.tag() == GAP));

    let last = records
        .last()
        .and_then(Record::output)
        .expect("the last node has an output");
    let mut record = Record::new(WHOLE_GRAPH, value(None, last.dtype, last.shape.dims()));
    record.push_input(value(Some(Source::Constant), DType::U8, &[table.len() as u32]));
    record.push_input(value(Some(Source::Constant), DType::U8, &[constants.len() as u32]));
    record.push_input(value(Some(Source::Feed), DType::I8, &[rows, depths[0]]));
    record.set_attribute(0, records.len() as u32 - 1);
    record.set_block_log2(7);
    record.set_scratch_bytes(local_end - SCRATCH_BASE);
    let inputs = vec![table, constants, feed];
    (Case { record, inputs }, nodes)
}
