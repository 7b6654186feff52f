use opml_commit::{Root, fold, height_of, node};
use opml_engine::{Claim, Opened, Position, RuleError, StageRules, Verdict};
use opml_graph::{BodyKind, EntryRule, LoopHeader, node_inputs};
use opml_ops::Source;

use super::node_inputs::{self as opened_inputs, Vector};
use super::{Payload, node_claim};

const KIND: &str = "loop";

/// The loop stage as the contract sees it: a part is a pass, the trace is the vector of carries. The twin of `LoopStage.sol`.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoopRules;

impl LoopRules {
    /// The claim of a task whose pipeline begins with a loop: program and inputs, from loop header ‖ entry rule and the roots of
    /// the request's values.
    pub fn enter(header: &[u8], request: &[Root]) -> Result<(Root, Root), RuleError> {
        let refuse = |reason: String| RuleError { stage: KIND, reason };
        let (loop_header, rule) = LoopHeader::read(header).map_err(|error| refuse(error.to_string()))?;
        if loop_header.output.is_none() {
            return Err(refuse("a task has one output value".into()));
        }
        let entered = EntryRule::read(&loop_header, rule)
            .and_then(|rule| rule.enter(&loop_header, request, &mut |_, _| {}))
            .map_err(|error| refuse(error.to_string()))?;
        Ok((loop_header.program(), node(&entered.0, &entered.1)))
    }
}

fn claimed_header(payload: &mut Payload<'_>, claim: &Claim) -> Result<LoopHeader, RuleError> {
    let header = payload.loop_header()?;
    match header.program() == claim.program {
        true => Ok(header),
        false => Err(payload.refuse(format!("the program is {}, not {}", header.program(), claim.program))),
    }
}

impl StageRules for LoopRules {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn is_machine(&self) -> bool {
        false
    }

    fn open(&self, _arity: u64, claim: &Claim, payload: &[u8]) -> Result<Opened, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let header = claimed_header(&mut payload, claim)?;
        let anchor = payload.root()?;
        let mut last = claim.output;
        if let Some(value) = header.output {
            let path = payload.roots(height_of(u64::from(header.carry_count)).into())?;
            last = fold(last, u64::from(value), &path);
        }
        let (count, height) = (header.passes(), height_of(header.passes()));
        let path = payload.roots(height.into())?;
        payload.finish()?;
        let proven = fold(last, count - 1, &path);
        if proven != anchor {
            return Err(payload.refuse(format!("the output leads to the trace {proven}, not to {anchor}")));
        }
        Ok(Opened {
            anchor,
            disputed: anchor,
            count,
            width: 1 << height,
            absent: Root::ZERO,
        })
    }

    fn narrow(&self, claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, RuleError> {
        let mut payload = Payload::new(KIND, payload);
        let header = claimed_header(&mut payload, claim)?;
        let pass = position.lower;
        let body = header.body_of(pass).and_then(|place| header.bodies.get(place)).copied();
        let body =
            body.ok_or_else(|| payload.refuse(format!("pass {pass} does not exist; there are {}", header.passes())))?;
        let (mut carry, feed_root) = (payload.root()?, payload.root()?);
        let inputs = node(&carry, &feed_root);
        if inputs != claim.inputs {
            return Err(payload.refuse(format!("the inputs are {inputs}, not {}", claim.inputs)));
        }
        let height = usize::from(height_of(header.passes()));
        if let Some(before) = pass.checked_sub(1) {
            carry = payload.root()?;
            let proven = fold(carry, before, &payload.roots(height)?);
            if proven != position.anchor {
                return Err(payload.refuse(format!(
                    "the carry leads to the trace {proven}, not to {}",
                    position.anchor
                )));
            }
        }
        let mut feed = Root::ZERO;
        if !feed_root.is_zero() {
            feed = payload.root()?;
            let proven = fold(feed, pass, &payload.roots(height)?);
            if proven != feed_root {
                return Err(payload.refuse(format!("what is fed leads to the feed {proven}, not to {feed_root}")));
            }
        }
        let inputs = match body.kind {
            BodyKind::Vectors => node(&carry, &feed),
            BodyKind::Node => packed_inputs(&body.program, carry, feed, &mut payload)?,
        };
        payload.finish()?;
        Ok(Verdict::Claim(Claim {
            program: body.program,
            inputs,
            output: position.disputed,
        }))
    }
}

/// The inputs of a packed graph's claim: its slots, by the record of the program.
fn packed_inputs(program: &Root, carry: Root, feed: Root, payload: &mut Payload<'_>) -> Result<Root, RuleError> {
    let record = payload.record()?;
    let constants = node_claim::read_constants(&record, payload)?;
    let leaf = node_claim::leaf(&record.root(), &constants);
    if leaf != *program {
        return Err(payload.refuse(format!("the body is {leaf}, not {program}")));
    }
    let slots = opened_inputs::read(&record, &constants, 0, payload)?;
    let mut fed = 0;
    for input in 0..record.input_count()? {
        if record.source(input) == Some(Source::Feed) {
            fed = fed.max(record.index(input).saturating_add(1));
        }
    }
    for (source, count, root) in [(Source::Carry, 1, carry), (Source::Feed, fed, feed)] {
        let vector = Vector {
            source,
            limit: u64::MAX,
            count,
            root,
        };
        opened_inputs::check(&record, &slots, &vector, payload)?;
    }
    Ok(node_inputs(&slots))
}
