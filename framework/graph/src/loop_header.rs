use opml_commit::{Keccak256, Root, domain_tag};
use thiserror::Error;

/// Tag of loop programs.
pub const LOOP_TAG: Root = domain_tag("opml.loop");

/// The most bodies of a loop.
pub const MAX_BODIES: usize = 4;
/// The most passes of a loop.
pub const MAX_PASSES: u64 = 1 << 32;
/// The most values that passes hand on.
pub const MAX_CARRY: u32 = 1 << 16;

/// Why bytes are no loop header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LoopHeaderError {
    /// The bytes end too early.
    #[error("a loop header has {needed} bytes, {left} are left")]
    Short {
        /// Bytes that the header has as far as it was read.
        needed: usize,
        /// Bytes given.
        left: usize,
    },
    /// Nothing is carried, or too much.
    #[error("a loop carries 1 to 65536 values, not {0}")]
    Carry(u32),
    /// The output names a carried value that does not exist.
    #[error("the output is carried value {value}, but there are {count}")]
    Output {
        /// The value named.
        value: u32,
        /// Values carried.
        count: u32,
    },
    /// No body, or too many.
    #[error("a loop has 1 to 4 bodies, not {0}")]
    Bodies(usize),
    /// A body of no kind.
    #[error("{0} is no kind of body")]
    Kind(u8),
    /// A node as a body, of which one value cannot be the whole carry.
    #[error("a body that is one node carries one value, not {0}")]
    NodeCarry(u32),
    /// A body that is never run.
    #[error("body {0} has no passes")]
    NoPasses(usize),
    /// More passes than a trace has leaves.
    #[error("a loop has at most 4294967296 passes, not {0}")]
    TooManyPasses(u128),
}

/// What a pass of a loop runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BodyKind {
    /// A graph or a loop: its inputs are the hash of a carry root and a feed root.
    Vectors = 0,
    /// A node, which is a whole graph packed into one record: its inputs are slots.
    Node = 1,
}

/// One of a loop's bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    /// What it is.
    pub kind: BodyKind,
    /// Its program.
    pub program: Root,
    /// How often it runs.
    pub passes: u64,
}

impl Body {
    /// Bytes of an encoded body.
    pub const BYTES: usize = 41;
}

/// The loop header; its hash is the loop program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopHeader {
    /// Keccak-256 of the entry rule; of the empty string in a loop inside a loop.
    pub entry_rule: Root,
    /// Carried values.
    pub carry_count: u32,
    /// The carried value that is the output; `None`: the whole carry.
    pub output: Option<u32>,
    /// The bodies, in the order in which their passes run.
    pub bodies: Vec<Body>,
}

impl LoopHeader {
    /// Bytes of an encoded header without its bodies.
    pub const FRONT_BYTES: usize = 41;

    /// The packed header.
    pub fn to_bytes(&self) -> Vec<u8> {
        let output = self.output.map_or(0, |value| value.saturating_add(1));
        let numbers = [self.carry_count, output].map(u32::to_be_bytes).concat();
        let mut bytes = [&self.entry_rule.0[..], &numbers, &[self.bodies.len() as u8]].concat();
        for body in &self.bodies {
            bytes.push(body.kind as u8);
            bytes.extend_from_slice(&body.program.0);
            bytes.extend_from_slice(&body.passes.to_be_bytes());
        }
        bytes
    }

    /// Takes a packed header off the front of `bytes`.
    pub fn read(bytes: &[u8]) -> Result<(LoopHeader, &[u8]), LoopHeaderError> {
        let short = |needed: usize| LoopHeaderError::Short {
            needed,
            left: bytes.len(),
        };
        let front = bytes.first_chunk::<{ Self::FRONT_BYTES }>();
        let front = front.ok_or_else(|| short(Self::FRONT_BYTES))?;
        let (count, output) = (number(&front[32..36]) as u32, number(&front[36..40]) as u32);
        let body_count = usize::from(front[40]);
        if body_count == 0 || body_count > MAX_BODIES {
            return Err(LoopHeaderError::Bodies(body_count));
        }
        let end = Self::FRONT_BYTES + body_count * Body::BYTES;
        let (packed, rest) = bytes.split_at_checked(end).ok_or_else(|| short(end))?;
        let bodies = packed[Self::FRONT_BYTES..].chunks_exact(Body::BYTES).map(|body| {
            Ok(Body {
                kind: match body[0] {
                    0 => BodyKind::Vectors,
                    1 => BodyKind::Node,
                    other => return Err(LoopHeaderError::Kind(other)),
                },
                program: Root::from_slice(&body[1..33]).unwrap_or(Root::ZERO),
                passes: number(&body[33..]),
            })
        });
        let header = LoopHeader {
            entry_rule: Root::from_slice(&front[..32]).unwrap_or(Root::ZERO),
            carry_count: count,
            output: output.checked_sub(1),
            bodies: bodies.collect::<Result<_, _>>()?,
        };
        header.check()?;
        Ok((header, rest))
    }

    /// Refuses what no loop program says.
    pub fn check(&self) -> Result<(), LoopHeaderError> {
        let count = self.carry_count;
        if count == 0 || count > MAX_CARRY {
            return Err(LoopHeaderError::Carry(count));
        }
        if let Some(value) = self.output.filter(|value| *value >= count) {
            return Err(LoopHeaderError::Output { value, count });
        }
        if self.bodies.is_empty() || self.bodies.len() > MAX_BODIES {
            return Err(LoopHeaderError::Bodies(self.bodies.len()));
        }
        let mut passes = 0;
        for (place, body) in self.bodies.iter().enumerate() {
            if body.kind == BodyKind::Node && count != 1 {
                return Err(LoopHeaderError::NodeCarry(count));
            }
            if body.passes == 0 {
                return Err(LoopHeaderError::NoPasses(place));
            }
            passes += u128::from(body.passes);
        }
        match passes > u128::from(MAX_PASSES) {
            true => Err(LoopHeaderError::TooManyPasses(passes)),
            false => Ok(()),
        }
    }

    /// The loop program's root.
    pub fn program(&self) -> Root {
        Keccak256::default().chain(LOOP_TAG).chain(self.to_bytes()).finish()
    }

    /// All passes.
    pub fn passes(&self) -> u64 {
        self.bodies.iter().fold(0, |sum, body| sum.saturating_add(body.passes))
    }

    /// The place of the body that pass `pass` runs.
    pub fn body_of(&self, pass: u64) -> Option<usize> {
        let mut end = 0u64;
        self.bodies.iter().position(|body| {
            end = end.saturating_add(body.passes);
            pass < end
        })
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
