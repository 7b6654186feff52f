use opml_commit::{Root, SLOT_HEIGHT, VectorTree, chunk_zero, height_of, keccak256, node, vector_zero};
use thiserror::Error;

use crate::LoopHeader;

/// The most levels of vectors in what one pass is fed.
pub const MAX_FEED_LEVELS: usize = 8;
/// The most passes of the outermost loop up to the last one that the request feeds.
pub const MAX_FED_PASSES: u64 = 1 << 16;

/// Why a request does not enter a loop, or bytes are no entry rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EntryRuleError {
    /// The bytes end too early.
    #[error("the entry rule ends too early: {needed} bytes are due, {left} are left")]
    Short {
        /// Bytes due.
        needed: usize,
        /// Bytes left.
        left: usize,
    },
    /// Bytes remain.
    #[error("{0} bytes follow the entry rule")]
    Surplus(usize),
    /// A start of no kind.
    #[error("{0} is no kind of start")]
    Start(u8),
    /// A feed of no kind.
    #[error("{0} is no kind of feed")]
    Feed(u8),
    /// Vectors nested too deep.
    #[error("what a pass is fed has at most 8 levels, not {0}")]
    Levels(u8),
    /// An empty vector.
    #[error("a vector of a feed has at least one element")]
    EmptyLevel,
    /// A feed that no transaction could carry.
    #[error("a request feeds at most the first 65536 passes, not {0}")]
    FedPasses(u64),
    /// The program has another entry rule.
    #[error("the entry rule hashes to {given}, the loop's to {expected}")]
    Hash {
        /// What the loop header says.
        expected: Root,
        /// The given rule's.
        given: Root,
    },
    /// Too few or too many values.
    #[error("the request has {given} values, the loop takes {expected}")]
    Request {
        /// What the rule names; when there are too few, as far as it was followed.
        expected: u64,
        /// What was given.
        given: usize,
    },
}

/// What a carried value is before the first pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// An empty slot: zeros.
    Zero,
    /// That value of the request.
    Request(u32),
    /// A constant, by root.
    Constant(Root),
}

/// Where what the passes are fed comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// Nothing is fed.
    None,
    /// Values of the request, in the order of the passes.
    Request {
        /// The first of them.
        first: u32,
        /// By body: the nested vectors of one pass, outermost first; empty: its passes are fed nothing.
        shapes: Vec<Vec<u32>>,
    },
    /// A constant feed, by root.
    Constant(Root),
}

/// How a request becomes the outermost loop's inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRule {
    /// By carried value.
    pub starts: Vec<Start>,
    /// What the passes are fed.
    pub feed: Feed,
}

/// Hears of every vector that a request is put into: its root and its elements, without the absent ones at its end.
pub type VectorSink<'a> = &'a mut dyn FnMut(Root, &[Root]);

impl EntryRule {
    /// The packed rule.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for start in &self.starts {
            match start {
                Start::Zero => bytes.push(0),
                Start::Request(index) => bytes.extend([&[1][..], &index.to_be_bytes()].concat()),
                Start::Constant(root) => bytes.extend([&[2][..], &root.0].concat()),
            }
        }
        match &self.feed {
            Feed::None => bytes.push(0),
            Feed::Request { first, shapes } => {
                bytes.extend([&[1][..], &first.to_be_bytes()].concat());
                for shape in shapes {
                    bytes.push(shape.len() as u8);
                    bytes.extend(shape.iter().flat_map(|size| size.to_be_bytes()));
                }
            }
            Feed::Constant(root) => bytes.extend([&[2][..], &root.0].concat()),
        }
        bytes
    }

    /// Its hash, as a loop header has it.
    pub fn hash(&self) -> Root {
        keccak256(&self.to_bytes())
    }

    /// Reads the packed rule of a loop with this header, which must be all of `bytes`.
    pub fn read(header: &LoopHeader, bytes: &[u8]) -> Result<EntryRule, EntryRuleError> {
        let given = keccak256(bytes);
        if given != header.entry_rule {
            return Err(EntryRuleError::Hash {
                expected: header.entry_rule,
                given,
            });
        }
        let mut reader = Reader(bytes);
        let starts = (0..header.carry_count).map(|_| {
            Ok(match reader.u8()? {
                0 => Start::Zero,
                1 => Start::Request(reader.u32()?),
                2 => Start::Constant(reader.root()?),
                other => return Err(EntryRuleError::Start(other)),
            })
        });
        let starts = starts.collect::<Result<_, _>>()?;
        let feed = match reader.u8()? {
            0 => Feed::None,
            1 => Feed::Request {
                first: reader.u32()?,
                shapes: (0..header.bodies.len())
                    .map(|_| reader.shape())
                    .collect::<Result<_, _>>()?,
            },
            2 => Feed::Constant(reader.root()?),
            other => return Err(EntryRuleError::Feed(other)),
        };
        match reader.0.len() {
            0 => Ok(EntryRule { starts, feed }),
            surplus => Err(EntryRuleError::Surplus(surplus)),
        }
    }

    /// The carry root and the feed root of a request to the loop with this header.
    pub fn enter(
        &self,
        header: &LoopHeader,
        request: &[Root],
        sink: VectorSink<'_>,
    ) -> Result<(Root, Root), EntryRuleError> {
        let mut taker = Taker { request, named: 0 };
        let carry = self.starts.iter().map(|start| match start {
            Start::Zero => Ok(chunk_zero(SLOT_HEIGHT)),
            Start::Request(index) => taker.take(u64::from(*index), 1).map(|values| values[0]),
            Start::Constant(root) => Ok(*root),
        });
        let carry = carry.collect::<Result<Vec<Root>, _>>()?;
        let carry_root = padded_root(&carry, header.carry_count.into());
        sink(carry_root, &carry);
        let feed_root = match &self.feed {
            Feed::None => Root::ZERO,
            Feed::Constant(root) => *root,
            Feed::Request { first, shapes } => {
                let mut next = u64::from(*first);
                let mut leaves = Vec::new();
                // Passes that are fed nothing and have none after them that are fed something are absent leaves.
                let mut unfed = 0u64;
                for (body, shape) in header.bodies.iter().zip(shapes) {
                    if shape.is_empty() {
                        unfed = unfed.saturating_add(body.passes);
                        continue;
                    }
                    let fed = (leaves.len() as u64).saturating_add(unfed).saturating_add(body.passes);
                    if fed > MAX_FED_PASSES {
                        return Err(EntryRuleError::FedPasses(fed));
                    }
                    leaves.extend((0..std::mem::take(&mut unfed)).map(|_| Root::ZERO));
                    for _ in 0..body.passes {
                        leaves.push(taker.vector(shape, &mut next, sink)?);
                    }
                }
                let root = padded_root(&leaves, header.passes());
                sink(root, &leaves);
                root
            }
        };
        match taker.named == request.len() as u64 {
            true => Ok((carry_root, feed_root)),
            false => Err(taker.refused(taker.named)),
        }
    }
}

/// The root of a vector of `count` roots, of which only the first are present.
pub(crate) fn padded_root(present: &[Root], count: u64) -> Root {
    let tree = VectorTree::new(present.to_vec());
    (tree.height()..height_of(count)).fold(tree.root(), |below, height| node(&below, &vector_zero(height)))
}

/// Takes values out of a request.
struct Taker<'a> {
    request: &'a [Root],
    /// 1 + the greatest index taken.
    named: u64,
}

impl<'a> Taker<'a> {
    fn refused(&self, expected: u64) -> EntryRuleError {
        EntryRuleError::Request {
            expected,
            given: self.request.len(),
        }
    }

    fn take(&mut self, first: u64, count: u32) -> Result<&'a [Root], EntryRuleError> {
        let end = first + u64::from(count);
        let values = self.request.get(first as usize..end as usize);
        let values = values.ok_or_else(|| self.refused(end))?;
        self.named = self.named.max(end);
        Ok(values)
    }

    fn vector(&mut self, shape: &[u32], next: &mut u64, sink: VectorSink<'_>) -> Result<Root, EntryRuleError> {
        let elements = match shape {
            [] => Vec::new(),
            [count] => {
                let values = self.take(*next, *count)?;
                *next += u64::from(*count);
                values.to_vec()
            }
            [count, inner @ ..] => (0..*count)
                .map(|_| self.vector(inner, next, sink))
                .collect::<Result<_, _>>()?,
        };
        let root = padded_root(&elements, elements.len() as u64);
        sink(root, &elements);
        Ok(root)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, needed: usize) -> Result<&'a [u8], EntryRuleError> {
        let short = EntryRuleError::Short {
            needed,
            left: self.0.len(),
        };
        let (part, rest) = self.0.split_at_checked(needed).ok_or(short)?;
        self.0 = rest;
        Ok(part)
    }

    fn u8(&mut self) -> Result<u8, EntryRuleError> {
        self.take(1).map(|part| part[0])
    }

    fn u32(&mut self) -> Result<u32, EntryRuleError> {
        let part = self.take(4)?;
        Ok(part.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn root(&mut self) -> Result<Root, EntryRuleError> {
        Ok(Root::from_slice(self.take(32)?).unwrap_or(Root::ZERO))
    }

    fn shape(&mut self) -> Result<Vec<u32>, EntryRuleError> {
        let levels = self.u8()?;
        if usize::from(levels) > MAX_FEED_LEVELS {
            return Err(EntryRuleError::Levels(levels));
        }
        let sizes = (0..levels).map(|_| self.u32()).collect::<Result<Vec<u32>, _>>()?;
        match sizes.contains(&0) {
            true => Err(EntryRuleError::EmptyLevel),
            false => Ok(sizes),
        }
    }
}
