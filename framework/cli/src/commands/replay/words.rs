//! What transactions did, in words.

use std::collections::BTreeMap;

use opml_contracts::{Called, Registered};
use opml_engine::{Phase, Position, Winner, division};
use opml_ops::{Operator, RECORD_BYTES, Record};
use opml_player::{Account, Clock, Event};

use crate::terminal::{count, short};

/// Bytes of a graph header and of the kind byte after it (`specs/game.md`, Payloads).
const GRAPH_HEAD: usize = 52;

/// Tells a play; knows the pipeline and what the model was registered with.
pub(super) struct Words {
    pub(super) stages: Vec<String>,
    pub(super) terms: Option<Registered>,
    /// Roles by account.
    names: BTreeMap<Account, String>,
    rounds: usize,
}

impl Words {
    pub(super) fn new(pipeline: &[String]) -> Words {
        Words {
            stages: pipeline.to_vec(),
            terms: None,
            names: BTreeMap::new(),
            rounds: 0,
        }
    }

    /// Remembers who an account is.
    pub(super) fn know(&mut self, account: Account, role: &str) {
        self.names.entry(account).or_insert_with(|| role.into());
    }

    /// The calls of a transaction and what they led to.
    pub(super) fn told(&mut self, calls: &[Called], events: &[Event], value: u128) -> Vec<String> {
        let mut lines: Vec<String> = calls.iter().map(|call| self.call(call, events, value)).collect();
        lines.extend(events.iter().filter_map(|event| self.event(event)));
        lines
    }

    fn kind(&self, stage: u8) -> &str {
        self.stages.get(usize::from(stage)).map_or("unknown", String::as_str)
    }

    fn is_machine(&self, stage: u8) -> bool {
        usize::from(stage) + 1 == self.stages.len()
    }

    /// A part of a stage, or several.
    fn parts(&self, stage: u8, first: u64, width: u64) -> String {
        let (one, several) = match self.kind(stage) {
            "loop" => ("pass", "passes"),
            "graph" => ("node", "nodes"),
            "node" => ("block", "blocks"),
            _ => ("step", "steps"),
        };
        match width {
            0 | 1 => format!("{one} {}", count(first)),
            _ => format!("{several} {} … {}", count(first), count(first + width - 1)),
        }
    }

    fn call(&mut self, call: &Called, events: &[Event], value: u128) -> String {
        let paid = amount(value);
        match call {
            Called::Register(terms) => format!(
                "registers the model: stages {}, {} children a reveal, window {} s, {} s on each clock, bonds {} and {}",
                self.stages.join(", "),
                terms.arity,
                count(terms.window),
                terms
                    .clocks
                    .iter()
                    .map(|Clock { base, .. }| count(*base))
                    .collect::<Vec<_>>()
                    .join(", "),
                amount(terms.proposer_bond),
                amount(terms.challenger_bond),
            ),
            Called::Request { values, .. } => format!("asks for an execution over {values} values and pays {paid}"),
            Called::Propose { value } => {
                let output = events.iter().find_map(|event| match event {
                    Event::Proposed { output, .. } => Some(short(output)),
                    _ => None,
                });
                format!(
                    "posts an output of {} bytes, root {}, with a bond of {paid}",
                    count(value.len() as u64),
                    output.unwrap_or_default()
                )
            }
            Called::Challenge { result } => {
                format!("says that the result {} is false, with a bond of {paid}", short(result))
            }
            Called::Open { position, payload, .. } => self.opening(position, payload, events),
            Called::Reveal { position, roots, .. } => {
                self.rounds += 1;
                self.reveal(position, roots.len() as u64)
            }
            Called::Reject { position, child, .. } => self.reject(position, *child),
            Called::Narrow { position, payload, .. } => self.narrow(position, payload),
            Called::Step { lower, witness, .. } => step(*lower, witness),
            Called::Timeout { position, .. } => format!(
                "the {} has let its clock run out in the {} stage",
                match position.phase {
                    Phase::Reject => "challenger",
                    _ => "proposer",
                },
                self.kind(position.stage)
            ),
            Called::Other { name } => match *name {
                "finalise" => "the window is over and no game is open: the result becomes final".into(),
                "refund" => "no result stands at the deadline: the fee goes back".into(),
                "withdraw" => "draws what it is owed".into(),
                other => other.into(),
            },
        }
    }

    fn opening(&self, position: &Position, payload: &[u8], events: &[Event]) -> String {
        let stage = position.stage;
        let opened = events.iter().find_map(|event| match event {
            Event::Opened { position, .. } if position.stage == stage => Some(position),
            _ => None,
        });
        let Some(opened) = opened else {
            return format!("opens the {} stage", self.kind(stage));
        };
        let proof = count(payload.len() as u64);
        match self.is_machine(stage) {
            true => format!(
                "opens the machine: from the entry state {} to {}, halted with exit code 0, its output the claimed one, within {} steps \
                 (proven in {proof} bytes)",
                short(&opened.anchor),
                short(&opened.disputed),
                count(opened.count)
            ),
            false => format!(
                "opens the {} stage: {} under the trace root {}, which leads to the claimed output (proven in {proof} bytes)",
                self.kind(stage),
                self.parts(stage, 0, opened.count),
                short(&opened.anchor)
            ),
        }
    }

    fn reveal(&self, position: &Position, shown: u64) -> String {
        let round = self.rounds;
        let stage = position.stage;
        match self.is_machine(stage) {
            true => format!(
                "round {round}: shows the {shown} states between step {} and step {}, {} steps apart",
                count(position.lower),
                count(position.lower + position.width),
                count(position.width / (shown + 1))
            ),
            false => format!(
                "round {round}: shows the {shown} roots over {}",
                self.parts(
                    stage,
                    position.lower,
                    position.width.min(position.count.saturating_sub(position.lower))
                )
            ),
        }
    }

    fn reject(&self, position: &Position, child: u64) -> String {
        let arity = self.terms.as_ref().map_or(2, |terms| u64::from(terms.arity));
        let width = position.width / division(position, arity);
        let lower = position.lower + child * width;
        match self.is_machine(position.stage) {
            true => format!(
                "says that it agrees up to step {}, and that the state after step {} is the first wrong one",
                count(lower),
                count(lower + width)
            ),
            false => format!(
                "says that root {child} is the first wrong one: what is disputed is {}",
                self.parts(position.stage, lower, width.min(position.count.saturating_sub(lower)))
            ),
        }
    }

    fn narrow(&self, position: &Position, payload: &[u8]) -> String {
        let part = self.parts(position.stage, position.lower, 1);
        let operator = match self.kind(position.stage) {
            "graph" => operator(payload),
            _ => None,
        };
        let what = operator.map_or(String::new(), |operator| format!(", a `{operator}`"));
        format!(
            "proves what {part}{what} was computed from ({} bytes): its output is the claim now",
            count(payload.len() as u64)
        )
    }

    fn event(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::Resolved { winner, by_timeout, .. } => {
                let how = if *by_timeout { "by the clock" } else { "by execution" };
                match winner {
                    Some(Winner::Defender) => format!("→ the game is over: the proposer is right ({how})"),
                    Some(Winner::Challenger) => format!("→ the game is over: the challenger is right ({how})"),
                    None => "→ the game is closed".into(),
                }
            }
            Event::Died { result } => format!("→ the result {} is dead", short(result)),
            Event::Credited { party, amount } => {
                let name = self.names.get(party).cloned().unwrap_or_else(|| party.to_string());
                format!("→ the {name} is owed {} more", self::amount(*amount))
            }
            _ => return None,
        })
    }
}

/// The operator of the node that a graph stage's `narrow` proves.
fn operator(payload: &[u8]) -> Option<&'static str> {
    let kind = *payload.get(GRAPH_HEAD)?;
    let nodes = u32::from_be_bytes(*payload.get(32..)?.first_chunk()?);
    let height = usize::from(opml_commit::height_of(u64::from(nodes)));
    let record = payload.get(GRAPH_HEAD + 1 + 32 * height..)?.get(..RECORD_BYTES)?;
    match kind {
        1 => Some(Operator::from_tag(Record::from_bytes(record).ok()?.tag())?.name()),
        _ => Some("gap"),
    }
}

/// Every machine's state begins with the program counter.
fn step(lower: u64, witness: &[u8]) -> String {
    let counter = witness.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    format!(
        "the machine executes step {} again, at address {counter:#010x}, from a witness of {} bytes",
        count(lower),
        count(witness.len() as u64)
    )
}

/// Wei in ether, as many places as it takes.
fn amount(wei: u128) -> String {
    const ETHER: u128 = 1_000_000_000_000_000_000;
    let places = format!("{:018}", wei % ETHER);
    match places.trim_end_matches('0') {
        "" => format!("{} ether", wei / ETHER),
        places => format!("{}.{places} ether", wei / ETHER),
    }
}
