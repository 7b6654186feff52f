use opml_commit::{Root, hash_words};

/// `output = program(inputs)`, as three roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// What was computed.
    pub program: Root,
    /// From what.
    pub inputs: Root,
    /// What is said to have come out.
    pub output: Root,
}

impl Claim {
    /// The claim hash: Keccak-256 of the three words.
    pub fn hash(&self) -> Root {
        hash_words([&self.program, &self.inputs, &self.output])
    }
}
