use opml_commit::{Root, fold, height_of, node};
use opml_engine::{Claim, Opened, Position, RuleError, StageRules, Verdict};
use opml_graph::{GraphHeader, node_inputs};
use opml_ops::{ALIAS, Source};

use super::node_inputs::{self as opened_inputs, Vector};
use super::{Payload, node_claim};

const KIND: &str = "graph";

/// The graph stage as the contract sees it: a part is a node, the trace is the vector of locals. The twin of
/// `GraphStage.sol`.
#[derive(Clone, Copy, Debug, Default)]
pub struct GraphRules;

impl GraphRules {
    /// The claim of a task whose pipeline begins with a graph: program and inputs, from the 52-byte header and the roots of the
    /// request's values in feed order.
    pub fn enter(header: &[u8], request: &[Root]) -> Result<(Root, Root), RuleError> {
        let mut payload = Payload::new(KIND, header);
        let graph = read_header(&mut payload)?;
        payload.finish()?;
        if graph.carry_count != 0 {
            return Err(payload.refuse(format!("a request has no values for a carry of {}", graph.carry_count)));
        }
        if graph.feed_count as usize != request.len() {
            return Err(payload.refuse(format!(
                "the request has {} values, not {}",
                request.len(),
                graph.feed_count
            )));
        }
        if graph.output_height != 0 {
            return Err(payload.refuse("a task has one output value"));
        }
        let feed = opml_commit::VectorTree::new(request.to_vec()).root();
        Ok((graph.program(), node(&Root::ZERO, &feed)))
    }
}

fn read_header(payload: &mut Payload<'_>) -> Result<GraphHeader, RuleError> {
    let bytes = payload.take(GraphHeader::BYTES)?;
    let bytes = bytes.first_chunk().ok_or_else(|| payload.refuse("a header is due"))?;
    Ok(GraphHeader::from_bytes(bytes))
}

fn claimed_header(payload: &mut Payload<'_>, claim: &Claim) -> Result<GraphHeader, RuleError> {
    let graph = read_header(payload)?;
    match graph.program() == claim.program {
        true => Ok(graph),
        false => Err(payload.refuse(format!("the program is {}, not {}", graph.program(), claim.program))),
    }
}

fn check_table(
    payload: &Payload<'_>,
    graph: &GraphHeader,
    leaf: Root,
    part: u64,
    path: &[Root],
) -> Result<(), RuleError> {
    let proven = fold(leaf, part, path);
    match proven == graph.node_table_root {
        true => Ok(()),
        false => Err(payload.refuse(format!(
            "the node leads to the table {proven}, not to {}",
            graph.node_table_root
        ))),
    }
}

fn verdict(right: bool) -> Verdict {
    match right {
        true => Verdict::Defender,
        false => Verdict::Challenger,
    }
}

impl StageRules for GraphRules {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn is_machine(&self) -> bool {
        false
    }

    fn open(&self, _arity: u64, claim: &Claim, payload: &[u8]) -> Result<Opened, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let graph = claimed_header(&mut payload, claim)?;
        if graph.node_count == 0 {
            return Err(payload.refuse("the graph has no nodes"));
        }
        let height = graph.node_height();
        let path_length = u32::from(height).checked_sub(graph.output_height);
        let inside = path_length.is_some_and(|length| u64::from(graph.output_index) >> length == 0);
        let Some(path_length) = path_length.filter(|_| inside) else {
            return Err(payload.refuse(format!(
                "output block ({}, {}) lies outside a trace of height {height}",
                graph.output_height, graph.output_index
            )));
        };
        let anchor = payload.root()?;
        let path = payload.roots(path_length as usize)?;
        payload.finish()?;
        let proven = fold(claim.output, u64::from(graph.output_index), &path);
        if proven != anchor {
            return Err(payload.refuse(format!("the output leads to the trace {proven}, not to {anchor}")));
        }
        Ok(Opened {
            anchor,
            disputed: anchor,
            count: u64::from(graph.node_count),
            width: 1 << height,
            absent: Root::ZERO,
        })
    }

    fn narrow(&self, claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let graph = claimed_header(&mut payload, claim)?;
        let node_kind = payload.u8()?;
        let path = payload.roots(usize::from(height_of(u64::from(graph.node_count))))?;
        match node_kind {
            0 => {
                payload.finish()?;
                check_table(&payload, &graph, Root::ZERO, position.lower, &path)?;
                Ok(verdict(position.disputed.is_zero()))
            }
            1 => narrow_node(&graph, claim, position, &path, payload),
            other => Err(payload.refuse(format!("{other} is no kind of node"))),
        }
    }
}

fn narrow_node(
    graph: &GraphHeader,
    claim: &Claim,
    position: &Position,
    path: &[Root],
    mut payload: Payload<'_>,
) -> Result<Verdict, RuleError> {
    let record = payload.record()?;
    let constants = node_claim::read_constants(&record, &mut payload)?;
    let leaf = node_claim::leaf(&record.root(), &constants);
    check_table(&payload, graph, leaf, position.lower, path)?;

    let (carry, feed) = (payload.root()?, payload.root()?);
    let inputs = node(&carry, &feed);
    if inputs != claim.inputs {
        return Err(payload.refuse(format!("the inputs are {inputs}, not {}", claim.inputs)));
    }
    let slots = opened_inputs::read(&record, &constants, position.lower, &mut payload)?;
    let vectors = [
        (Source::Carry, u64::MAX, graph.carry_count, carry),
        (Source::Feed, u64::MAX, graph.feed_count, feed),
        (Source::Local, position.lower, graph.node_count, position.anchor),
    ];
    for (source, limit, count, root) in vectors {
        let vector = Vector {
            source,
            limit,
            count,
            root,
        };
        opened_inputs::check(&record, &slots, &vector, &mut payload)?;
    }
    payload.finish()?;
    Ok(match record.tag() {
        ALIAS => verdict(position.disputed == slots[0]),
        _ => Verdict::Claim(Claim {
            program: leaf,
            inputs: node_inputs(&slots),
            output: position.disputed,
        }),
    })
}
