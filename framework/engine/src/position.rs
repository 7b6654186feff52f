use opml_commit::{Keccak256, Root};

/// Whose turn it is and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Phase {
    /// The defender opens the stage.
    Open = 1,
    /// The defender reveals children or states.
    Reveal = 2,
    /// The challenger names the first wrong one.
    Reject = 3,
    /// Anyone narrows to the part; the defender's clock runs.
    Narrow = 4,
}

/// What is in dispute now; a game stores only its hash (`specs/game.md`, Position).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// Index of the stage in the pipeline.
    pub stage: u8,
    /// Whose turn it is.
    pub phase: Phase,
    /// First part of the disputed subtree, or the agreed step.
    pub lower: u64,
    /// Parts below the disputed subtree, or steps to the disputed step.
    pub width: u64,
    /// Parts, or steps, in all.
    pub count: u64,
    /// Claim hash of the stage's claim.
    pub claim: Root,
    /// Trace root, or the agreed state root.
    pub anchor: Root,
    /// Root of the disputed subtree, or the disputed state root.
    pub disputed: Root,
    /// The root that stands for an absent part.
    pub absent: Root,
    /// Keccak of the revealed roots in phase [`Phase::Reject`], zero otherwise.
    pub children: Root,
}

impl Position {
    /// Where a stage begins: its claim is to be opened.
    pub fn start(stage: u8, claim: Root) -> Self {
        let zero = Root::ZERO;
        Position {
            stage,
            phase: Phase::Open,
            lower: 0,
            width: 0,
            count: 0,
            claim,
            anchor: zero,
            disputed: zero,
            absent: zero,
            children: zero,
        }
    }

    /// The position hash: Keccak-256 of ten 32-byte words.
    pub fn hash(&self) -> Root {
        let numbers = [
            u64::from(self.stage),
            self.phase as u64,
            self.lower,
            self.width,
            self.count,
        ];
        let hash = numbers.iter().fold(Keccak256::default(), |hash, number| {
            hash.chain([0; 24]).chain(number.to_be_bytes())
        });
        [self.claim, self.anchor, self.disputed, self.absent, self.children]
            .iter()
            .fold(hash, |hash, root| hash.chain(root))
            .finish()
    }
}
