use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use opml_commit::{Root, slot_root_on};
use opml_engine::{MemoryStore, Store};
use opml_graph::{Host, Model, Node, block_count};
use opml_ops::{Operator, Record, Source};
use opml_stages::{InstructionStage, StoredNode};
use serde::Serialize;

use crate::failure::Failure;
use crate::node_by_node::{output_of, walk};
use crate::play::scene::Scene;
use crate::terminal::TerminalHost;

/// Runs of a node, of which the least counts.
const RUNS: usize = 5;
/// Seconds after which a run in the machine is not repeated.
const LONG: f64 = 0.2;

/// Nodes that do the same work: of one operator, with equal shapes and attributes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct KindReport {
    pub(super) operator: &'static str,
    /// The first of them.
    pub(super) name: String,
    pub(super) nodes: u64,
    /// Of one node.
    pub(super) native_seconds: f64,
    pub(super) steps: u64,
    pub(super) machine_seconds: f64,
    /// Blocks of its output.
    pub(super) blocks: u64,
    /// α: seconds in the machine over native ones.
    pub(super) alpha: f64,
}

/// What a record says, whoever gives its inputs.
fn kind_of(record: &Record) -> Vec<u8> {
    let mut alone = record.clone();
    for input in 0..record.input_count() {
        alone.set_input_place(input, Source::Carry, 0);
    }
    alone.to_bytes().to_vec()
}

/// Runs the first node of each kind natively and in the machine, the dearest kinds first. Carried and fed values are the
/// request's where their sizes agree, else zeros.
pub(super) fn measured(graph: &Model, scene: &Scene, host: &TerminalHost) -> Result<Vec<KindReport>, Failure> {
    let entering = |bytes: u32, place: usize| {
        let given = scene.values.get(place).filter(|value| value.len() == bytes as usize);
        given.cloned().unwrap_or_else(|| Bytes::from(vec![0; bytes as usize]))
    };
    let values = |ports: &[opml_graph::Port]| -> Vec<Bytes> {
        let ports = ports.iter().enumerate();
        ports.map(|(place, port)| entering(port.bytes(), place)).collect()
    };
    let (carry, feed) = (values(&graph.carry), values(&graph.feed));
    let mut kinds: BTreeMap<Vec<u8>, KindReport> = BTreeMap::new();
    walk(graph, &carry, &feed, |place, node, inputs| {
        if host.cancelled() {
            return Err(Failure::cancelled());
        }
        host.progress("measuring nodes", place as u64, graph.nodes.len() as u64);
        let (output, seconds) = natively(scene, node, inputs)?;
        let kind = kind_of(&node.record);
        if let Some(known) = kinds.get_mut(&kind) {
            known.nodes += 1;
            return Ok(output);
        }
        let mut native_seconds = seconds;
        for _ in 1..RUNS {
            native_seconds = natively(scene, node, inputs)?.1.min(native_seconds);
        }
        let (steps, machine_seconds) = in_the_machine(scene, (graph, place), inputs, &output)?;
        let report = KindReport {
            operator: Operator::from_tag(node.record.tag()).map_or("", Operator::name),
            name: node.name.clone(),
            nodes: 1,
            native_seconds,
            steps,
            machine_seconds,
            blocks: block_count(output.len() as u32, node.record.block_log2()).map_or(1, u64::from),
            alpha: machine_seconds / native_seconds,
        };
        kinds.insert(kind, report);
        Ok(output)
    })?;
    let mut kinds: Vec<KindReport> = kinds.into_values().collect();
    let cost = |kind: &KindReport| kind.machine_seconds * kind.nodes as f64;
    kinds.sort_by(|a, b| cost(b).total_cmp(&cost(a)));
    Ok(kinds)
}

/// A node's output, and the seconds that it took.
fn natively(scene: &Scene, node: &Node, inputs: &[Bytes]) -> Result<(Bytes, f64), Failure> {
    let started = Instant::now();
    let output = output_of(&scene.machinery, node, inputs)?;
    Ok((output, started.elapsed().as_secs_f64()))
}

/// The steps and seconds of a graph's node in the machine, which must give the same output.
fn in_the_machine(
    scene: &Scene,
    (graph, place): (&Model, usize),
    inputs: &[Bytes],
    output: &Bytes,
) -> Result<(u64, f64), Failure> {
    let machinery = &scene.machinery;
    let store = MemoryStore::default();
    let node = &graph.nodes[place];
    let constants = graph.constant_roots(place);
    let roots = inputs.iter().zip(&constants).zip(&node.constants);
    let roots = roots.map(|((bytes, root), constant)| {
        let root = match constant {
            Some(_) => *root,
            None => slot_root_on(machinery.threads, bytes),
        };
        store.put(root, bytes.clone());
        root
    });
    let roots: Vec<Root> = roots.collect();
    let stored = StoredNode {
        record: node.record.clone(),
        constants,
    };
    let (program, inputs) = stored.put_with_inputs(&roots, &store);
    let stage = InstructionStage::new(machinery.vm.clone(), machinery.image.clone()).heard_by(machinery.host.clone());
    let expected = slot_root_on(machinery.threads, output);
    let mut least = f64::INFINITY;
    let mut steps = 0;
    for _ in 0..RUNS {
        let started = Instant::now();
        let (root, halted) = stage.run_to_end(&program, &inputs, &store).map_err(Failure::of_stage)?;
        least = least.min(started.elapsed().as_secs_f64());
        if root != expected {
            return Err(Failure::other(format!(
                "node `{}`: the machine's output differs from the native one: a plugin is broken",
                node.name
            )));
        }
        steps = halted;
        if least > LONG {
            break;
        }
    }
    Ok((steps, least))
}
