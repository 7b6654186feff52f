//! The node record (`specs/programs.md`): 256 little-endian words at fixed offsets.

use core::fmt;

use crate::{DType, Shape, ShapeError};

/// Words in a record.
pub const RECORD_WORDS: usize = 256;
/// Bytes in a record.
pub const RECORD_BYTES: usize = RECORD_WORDS * 4;
/// The record version that this crate writes and reads.
pub const RECORD_VERSION: u32 = 1;
/// The most inputs a node may have, constants included.
pub const MAX_INPUTS: usize = 12;
/// Attribute words in a record.
pub const ATTRIBUTE_WORDS: usize = RECORD_WORDS - ATTRIBUTES;
/// Tag of an absent node.
pub const GAP: u32 = 0;
/// Tag of a node whose output is its input's bytes.
pub const ALIAS: u32 = 1;
/// Tag of a whole graph packed into one node.
pub const WHOLE_GRAPH: u32 = 2;

const TAG: usize = 0;
const VERSION: usize = 1;
const INPUT_COUNT: usize = 2;
const OUTPUT_INITIAL: usize = 3;
const BLOCK_LOG2: usize = 4;
const SCRATCH_BYTES: usize = 5;
const OUTPUT: usize = 8;
const INPUTS: usize = 20;
const VALUE_WORDS: usize = 12;
const ATTRIBUTES: usize = INPUTS + MAX_INPUTS * VALUE_WORDS;

/// Where an input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Source {
    /// Part of the program.
    Constant = 1,
    /// The carried-in vector.
    Carry = 2,
    /// The feed vector.
    Feed = 3,
    /// An earlier node's output.
    Local = 4,
}

impl Source {
    /// The source with this code in a record.
    pub const fn from_code(code: u32) -> Option<Source> {
        Some(match code {
            1 => Source::Constant,
            2 => Source::Carry,
            3 => Source::Feed,
            4 => Source::Local,
            _ => return None,
        })
    }
}

/// An input or output as a record describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// Where it comes from; `None` for an output.
    pub source: Option<Source>,
    /// Its index in the source's vector.
    pub index: u32,
    /// Its element type.
    pub dtype: DType,
    /// Its dimensions.
    pub shape: Shape,
}

impl Value {
    /// Its size in bytes; saturates, and sizes above a slot are refused by validation.
    pub fn bytes(&self) -> u32 {
        self.shape.elements().saturating_mul(self.dtype.bytes())
    }
}

/// Why a record's words are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// Fewer or more than [`RECORD_BYTES`].
    Length(usize),
    /// A version that this software does not know.
    Version(u32),
    /// More inputs than slots.
    InputCount(u32),
    /// A value with an unknown type or source, or with `bytes` that do not follow from its shape.
    Value {
        /// The word at which its description begins.
        word: usize,
    },
    /// A value's dimensions are not a shape.
    Shape {
        /// The word at which its description begins.
        word: usize,
        /// What is wrong.
        error: ShapeError,
    },
    /// A word that must be zero is not.
    Surplus {
        /// The word.
        word: usize,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::Length(bytes) => write!(formatter, "a node record has {RECORD_BYTES} bytes, not {bytes}"),
            RecordError::Version(version) => write!(formatter, "record version {version} is unknown"),
            RecordError::InputCount(count) => {
                write!(formatter, "{count} inputs do not fit the {MAX_INPUTS} input slots")
            }
            RecordError::Value { word } => write!(
                formatter,
                "the value described at word {word} has an unknown type or source or a wrong size"
            ),
            RecordError::Shape { word, error } => write!(formatter, "the value described at word {word}: {error}"),
            RecordError::Surplus { word } => write!(formatter, "word {word} must be zero"),
        }
    }
}

impl core::error::Error for RecordError {}

/// A node record. Reading accessors never panic: a malformed description reads as `None` until [`Record::check`] names it.
///
/// In memory it is its words and nothing else, so that on a little-endian machine its bytes can be read in place.
#[derive(Clone, PartialEq, Eq)]
#[repr(transparent)]
pub struct Record {
    words: [u32; RECORD_WORDS],
}

impl Record {
    /// The record of an absent node: all zero.
    pub const fn gap() -> Record {
        Record {
            words: [0; RECORD_WORDS],
        }
    }

    /// A record with a tag and an output; inputs and attributes are added to it.
    pub fn new(tag: u32, output: Value) -> Record {
        let mut record = Record::gap();
        record.words[TAG] = tag;
        record.words[VERSION] = RECORD_VERSION;
        record.set_output(output);
        record
    }

    /// Reads exactly [`RECORD_BYTES`] bytes, without checking what they say.
    pub fn from_bytes(bytes: &[u8]) -> Result<Record, RecordError> {
        if bytes.len() != RECORD_BYTES {
            return Err(RecordError::Length(bytes.len()));
        }
        let mut record = Record::gap();
        for (word, chunk) in record.words.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        }
        Ok(record)
    }

    /// The tag, the output's index and the output's bytes, read from a record's bytes without copying it.
    pub(crate) fn tag_and_output(bytes: &[u8; RECORD_BYTES]) -> (u32, u32, u32) {
        let word = |place: usize| {
            let word = bytes.get(place * 4..).and_then(|rest| rest.first_chunk::<4>());
            u32::from_le_bytes(*word.unwrap_or(&[0; 4]))
        };
        (word(TAG), word(OUTPUT + 1), word(OUTPUT + 2))
    }

    /// The bytes of the record.
    pub fn to_bytes(&self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        for (chunk, word) in bytes.chunks_exact_mut(4).zip(self.words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Checks every description and every word that must be zero; a gap is all zero.
    pub fn check(&self) -> Result<(), RecordError> {
        if self.tag() == GAP {
            return match self.words.iter().position(|word| *word != 0) {
                Some(word) => Err(RecordError::Surplus { word }),
                None => Ok(()),
            };
        }
        if self.words[VERSION] != RECORD_VERSION {
            return Err(RecordError::Version(self.words[VERSION]));
        }
        if self.words[INPUT_COUNT] as usize > MAX_INPUTS {
            return Err(RecordError::InputCount(self.words[INPUT_COUNT]));
        }
        self.checked_value(OUTPUT, false)?;
        for input in 0..self.input_count() {
            self.checked_value(INPUTS + input * VALUE_WORDS, true)?;
        }
        let unused = INPUTS + self.input_count() * VALUE_WORDS..ATTRIBUTES;
        match [6, 7].into_iter().chain(unused).find(|word| self.words[*word] != 0) {
            Some(word) => Err(RecordError::Surplus { word }),
            None => Ok(()),
        }
    }

    fn checked_value(&self, word: usize, input: bool) -> Result<(), RecordError> {
        let words = &self.words[word..word + VALUE_WORDS];
        let rank = words[4] as usize;
        let dims = words[5..11].get(..rank).ok_or(RecordError::Shape {
            word,
            error: ShapeError::Rank(rank),
        })?;
        let shape = Shape::new(dims).map_err(|error| RecordError::Shape { word, error })?;
        if let Some(place) = words[5 + rank..].iter().position(|word| *word != 0) {
            return Err(RecordError::Surplus {
                word: word + 5 + rank + place,
            });
        }
        let size = DType::from_code(words[3]).and_then(|dtype| shape.elements().checked_mul(dtype.bytes()));
        let source_known = if input {
            Source::from_code(words[0]).is_some()
        } else {
            words[0] == 0
        };
        if !source_known || size != Some(words[2]) {
            return Err(RecordError::Value { word });
        }
        Ok(())
    }

    fn value(&self, word: usize) -> Option<Value> {
        let words = &self.words[word..word + VALUE_WORDS];
        let shape = Shape::new(words[5..11].get(..words[4] as usize)?).ok()?;
        Some(Value {
            source: Source::from_code(words[0]),
            index: words[1],
            dtype: DType::from_code(words[3])?,
            shape,
        })
    }

    fn set_value(&mut self, word: usize, value: Value) {
        let words = &mut self.words[word..word + VALUE_WORDS];
        words.fill(0);
        words[0] = value.source.map_or(0, |source| source as u32);
        words[1] = value.index;
        words[2] = value.bytes();
        words[3] = value.dtype as u32;
        words[4] = value.shape.rank() as u32;
        words[5..5 + value.shape.rank()].copy_from_slice(value.shape.dims());
    }

    /// The operator tag.
    pub fn tag(&self) -> u32 {
        self.words[TAG]
    }

    /// The number of inputs, at most [`MAX_INPUTS`] whatever the word says.
    pub fn input_count(&self) -> usize {
        (self.words[INPUT_COUNT] as usize).min(MAX_INPUTS)
    }

    /// Input `input`, when it is present and well described.
    pub fn input(&self, input: usize) -> Option<Value> {
        if input < self.input_count() {
            self.value(INPUTS + input * VALUE_WORDS)
        } else {
            None
        }
    }

    /// Appends an input.
    ///
    /// # Panics
    /// When there are twelve already.
    pub fn push_input(&mut self, value: Value) {
        let input = self.words[INPUT_COUNT] as usize;
        assert!(input < MAX_INPUTS, "a node has at most {MAX_INPUTS} inputs");
        self.set_value(INPUTS + input * VALUE_WORDS, value);
        self.words[INPUT_COUNT] += 1;
    }

    /// Changes input `input`'s index; nothing when it is absent.
    pub fn set_input_index(&mut self, input: usize, index: u32) {
        if input < self.input_count() {
            self.words[INPUTS + input * VALUE_WORDS + 1] = index;
        }
    }

    /// Changes where input `input` comes from; nothing when it is absent.
    pub fn set_input_place(&mut self, input: usize, source: Source, index: u32) {
        if input < self.input_count() {
            self.words[INPUTS + input * VALUE_WORDS] = source as u32;
            self.set_input_index(input, index);
        }
    }

    /// The bytes that the record states for input `input`; 0 when it is absent.
    pub fn input_bytes(&self, input: usize) -> u32 {
        if input < self.input_count() {
            self.words[INPUTS + input * VALUE_WORDS + 2]
        } else {
            0
        }
    }

    /// The output, when it is well described.
    pub fn output(&self) -> Option<Value> {
        self.value(OUTPUT)
    }

    /// Describes the output.
    pub fn set_output(&mut self, value: Value) {
        self.set_value(OUTPUT, value);
    }

    /// The bytes that the record states for the output.
    pub fn output_bytes(&self) -> u32 {
        self.words[OUTPUT + 2]
    }

    /// The input whose bytes slot 3 starts with, if any.
    pub fn output_initial(&self) -> Option<usize> {
        self.words[OUTPUT_INITIAL].checked_sub(1).map(|input| input as usize)
    }

    /// Says which input slot 3 starts as.
    pub fn set_output_initial(&mut self, input: Option<usize>) {
        self.words[OUTPUT_INITIAL] = input.map_or(0, |input| input as u32 + 1);
    }

    /// log2 of the bytes in one block of the output.
    pub fn block_log2(&self) -> u32 {
        self.words[BLOCK_LOG2]
    }

    /// Sets log2 of the bytes in one block of the output.
    pub fn set_block_log2(&mut self, block_log2: u32) {
        self.words[BLOCK_LOG2] = block_log2;
    }

    /// Bytes of scratch that the operator needs.
    pub fn scratch_bytes(&self) -> u32 {
        self.words[SCRATCH_BYTES]
    }

    /// Sets the bytes of scratch.
    pub fn set_scratch_bytes(&mut self, bytes: u32) {
        self.words[SCRATCH_BYTES] = bytes;
    }

    /// Attribute word `place`; 0 outside the record.
    pub fn attribute(&self, place: usize) -> u32 {
        if place < ATTRIBUTE_WORDS {
            self.words[ATTRIBUTES + place]
        } else {
            0
        }
    }

    /// Attribute word `place` as a signed number.
    pub fn signed_attribute(&self, place: usize) -> i32 {
        self.attribute(place) as i32
    }

    /// Sets attribute word `place`.
    ///
    /// # Panics
    /// When the record has no such word.
    pub fn set_attribute(&mut self, place: usize, word: u32) {
        assert!(
            place < ATTRIBUTE_WORDS,
            "a record has {ATTRIBUTE_WORDS} attribute words"
        );
        self.words[ATTRIBUTES + place] = word;
    }

    /// The words, in order.
    pub fn words(&self) -> &[u32; RECORD_WORDS] {
        &self.words
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Record");
        debug.field("tag", &self.tag());
        for input in 0..self.input_count() {
            debug.field("input", &self.input(input));
        }
        debug.field("output", &self.output()).finish()
    }
}
