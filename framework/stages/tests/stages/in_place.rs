//! Values that are changed in place: random graphs that write rows of what they carry give what their nodes give one by one.

use std::sync::Arc;

use bytes::Bytes;
use opml_conformance::Noise;
use opml_engine::{MemoryStore, StageError, Store};
use opml_graph::{
    CarryStart, Loop, LoopFeed, LoopModel, Model, Node, Port, append_outputs, usual_block_log2, validate,
};
use opml_ops::{DType, GAP, MAX_INPUTS, Operator, Record, Shape, Source, Value};
use opml_stages::{PassWatch, Pipeline};

use crate::bench::machinery;

const ROWS: u32 = 4;

fn shape(dims: &[u32]) -> Shape {
    Shape::new(dims).expect("a shape")
}

/// A carried table or a node's.
fn table(source: Source, index: usize) -> Value {
    Value {
        source: Some(source),
        index: index as u32,
        dtype: DType::I32,
        shape: shape(&[ROWS, 2]),
    }
}

/// Three carried tables and an index, and nodes that add tables, or write rows of one into another, each of any value there is.
fn random_graph(noise: &mut Noise) -> Model {
    let port = |name: &str, dims: &[u32]| Port {
        name: name.into(),
        dtype: DType::I32,
        shape: shape(dims),
        quantization: None,
    };
    let mut model = Model::named("random");
    model.carry = ["a", "b", "c"].map(|name| port(name, &[ROWS, 2])).into();
    model.carry.push(port("index", &[1]));
    let index = Value {
        source: Some(Source::Carry),
        index: 3,
        dtype: DType::I32,
        shape: shape(&[1]),
    };
    let mut known: Vec<Value> = (0..3).map(|place| table(Source::Carry, place)).collect();
    for place in 0..noise.below(8) as usize + 1 {
        let mut any = || known[noise.below(known.len() as u64) as usize];
        let (operator, inputs) = match place % 3 {
            0 => (Operator::AddI32, vec![any(), any()]),
            _ => (Operator::UpdateRows, vec![any(), index, any()]),
        };
        let output = Value {
            source: None,
            index: 0,
            ..table(Source::Local, 0)
        };
        let mut record = Record::new(operator as u32, output);
        inputs.into_iter().for_each(|input| record.push_input(input));
        record.set_output_initial(opml_ops::output_initial_of(operator));
        record.set_block_log2(usual_block_log2(output.bytes()));
        model.nodes.push(Node {
            name: format!("n{place}"),
            record,
            constants: [None; MAX_INPUTS],
        });
        known.push(table(Source::Local, place));
    }
    let mut outputs: Vec<(Value, Port)> = (0..3)
        .map(|place| {
            (
                known[noise.below(known.len() as u64) as usize],
                model.carry[place].clone(),
            )
        })
        .collect();
    outputs.push((index, model.carry[3].clone()));
    append_outputs(&mut model, outputs);
    validate(&model).expect("a valid graph");
    model
}

/// A pass by the operators' definitions, with everything kept.
fn pass(model: &Model, carry: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut locals: Vec<Vec<u8>> = Vec::new();
    for node in &model.nodes {
        let record = &node.record;
        if record.tag() == GAP {
            locals.push(Vec::new());
            continue;
        }
        let inputs: Vec<&[u8]> = (0..record.input_count())
            .filter_map(|input| record.input(input))
            .map(|value| match value.source {
                Some(Source::Carry) => &carry[value.index as usize][..],
                _ => &locals[value.index as usize][..],
            })
            .collect();
        let mut output = match record.output_initial() {
            Some(initial) => inputs[initial].to_vec(),
            None => vec![0; record.output_bytes() as usize],
        };
        opml_ops::run(record, &inputs, &mut output, 0, &mut []).expect("a total operator");
        locals.push(output);
    }
    let first = (model.output_index as usize) << model.output_height;
    locals[first..first + carry.len()].to_vec()
}

/// Holds each pass's carry against the definitions'.
struct Held {
    model: Arc<Model>,
    carry: std::sync::Mutex<Vec<Vec<u8>>>,
}

impl PassWatch for Held {
    fn passed(&self, _done: u64, _passes: u64, carry: &[Option<Bytes>]) -> Result<(), StageError> {
        let mut expected = self.carry.lock().expect("one thread");
        *expected = pass(&self.model, &expected);
        let given: Vec<&[u8]> = carry.iter().map(|value| value.as_deref().expect("a value")).collect();
        assert_eq!(given, *expected);
        Ok(())
    }
}

#[test]
fn random_updates_are_those_of_the_definitions() {
    for seed in 0..200 {
        let mut noise = Noise::new(seed);
        let model = Arc::new(random_graph(&mut noise));
        let request: Vec<Vec<u8>> = (0..3).map(|_| noise.bytes(8 * ROWS as usize)).collect();
        let request: Vec<Vec<u8>> = request
            .into_iter()
            .chain([vec![noise.below(4) as u8, 0, 0, 0]])
            .collect();
        let (passes, output) = (3, noise.below(3) as u32);
        let looped = LoopModel {
            name: "random".into(),
            outermost: Loop::over(model.clone(), passes),
            output,
            starts: (0..4).map(CarryStart::Request).collect(),
            feed: LoopFeed::None,
        };
        let mut machinery = machinery();
        machinery.watch = Some(Arc::new(Held {
            model: model.clone(),
            carry: std::sync::Mutex::new(request.clone()),
        }));
        let pipeline =
            Pipeline::new(&["loop", "graph", "instruction"], Arc::new(looped), &machinery).expect("a pipeline");
        let store = MemoryStore::default();
        let values: Vec<Bytes> = request.iter().cloned().map(Bytes::from).collect();
        let inputs = pipeline.entry.request(&values, &store).expect("a request");
        let program = pipeline.entry.program();
        let root = pipeline.stages[0]
            .evaluate(&program, &inputs, &store, None)
            .expect("an output");
        let expected = (0..passes).fold(request.clone(), |carry, _| pass(&model, &carry));
        assert_eq!(
            store.get(&root).expect("its bytes"),
            expected[output as usize],
            "seed {seed}"
        );
        // The request is what it was: others hold it.
        assert_eq!(values, request.iter().cloned().map(Bytes::from).collect::<Vec<_>>());
    }
}
