use opml_commit::Root;
use opml_engine::RuleError;
use opml_graph::record_root;
use opml_ops::{MAX_INPUTS, Record, Source};

/// A node record as the contract reads it, word by word; the twin of `Record.sol`.
pub(super) struct RecordWords {
    stage: &'static str,
    record: Record,
}

impl RecordWords {
    pub(super) fn new(stage: &'static str, bytes: &[u8]) -> Result<RecordWords, RuleError> {
        match Record::from_bytes(bytes) {
            Ok(record) => Ok(RecordWords { stage, record }),
            Err(error) => Err(RuleError {
                stage,
                reason: error.to_string(),
            }),
        }
    }

    fn refuse(&self, reason: String) -> RuleError {
        RuleError {
            stage: self.stage,
            reason,
        }
    }

    fn word(&self, place: usize) -> u32 {
        self.record.words()[place]
    }

    pub(super) fn tag(&self) -> u32 {
        self.word(0)
    }

    pub(super) fn input_count(&self) -> Result<usize, RuleError> {
        let count = self.word(2) as usize;
        match count <= MAX_INPUTS {
            true => Ok(count),
            false => Err(self.refuse(format!("the record has {count} inputs; there are {MAX_INPUTS} slots"))),
        }
    }

    /// The input whose bytes slot 3 starts with.
    pub(super) fn output_initial(&self) -> Result<Option<usize>, RuleError> {
        let (initial, count) = (self.word(3) as usize, self.input_count()?);
        match initial <= count {
            true => Ok(initial.checked_sub(1)),
            false => Err(self.refuse(format!(
                "the output starts as input {}, but there are {count}",
                initial - 1
            ))),
        }
    }

    pub(super) fn block_log2(&self) -> Result<u8, RuleError> {
        match self.word(4) {
            log2 @ 7..=28 => Ok(log2 as u8),
            log2 => Err(self.refuse(format!("blocks of 2^{log2} bytes are no subtrees of a slot"))),
        }
    }

    pub(super) fn output_bytes(&self) -> u32 {
        self.word(10)
    }

    /// Where input `input` comes from, if that is a source.
    pub(super) fn source(&self, input: usize) -> Option<Source> {
        Source::from_code(self.word(20 + 12 * input))
    }

    pub(super) fn index(&self, input: usize) -> u32 {
        self.word(21 + 12 * input)
    }

    pub(super) fn root(&self) -> Root {
        record_root(&self.record)
    }

    pub(super) fn unknown_source(&self, input: usize) -> RuleError {
        self.refuse(format!(
            "input {input} comes from source {}, which does not exist here",
            self.word(20 + 12 * input)
        ))
    }
}
