//! Where the peers are meant to differ from the machine (`specs/mips-peers.md`, which has the reasons).

use std::collections::BTreeMap;
use std::fmt;

use opml_mips::Fault;

use crate::batch::Batch;
use crate::trace::Step;

/// A machine that nobody here wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Unicorn,
    Qemu,
}

/// An intended difference. What follows it in a case is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    /// A fetch, load or store where the peer has no memory, or has the kernel's.
    Unmapped,
    /// A jump to an odd address: MIPS16 there, a fault here.
    CompressedCode,
    /// A jump to an even, misaligned address: QEMU's process aborts.
    MisalignedFetch,
    /// `div` or `divu` by zero: UNPREDICTABLE there, a fault here.
    DivisionByZero,
    /// A branch in the slot of a branch that was not taken or went to pc + 8: reserved there, legal here.
    BranchInASlot,
    /// A successful `sc` to a word whose value changed since `ll`: fails there.
    ChangedLinkedWord,
    /// `sc` to the linked word after another `sc`: may succeed there.
    SpentLink,
    /// `sc` misaligned or outside slots 2 and 3, so not linked: fails there, a fault here.
    FaultyConditional,
    /// A field that is ignored here and must be zero there.
    IgnoredField,
    /// An instruction that is reserved here and exists there.
    SurplusInstruction,
    /// No end within the limit: QEMU runs a case to its end.
    Endless,
}

/// What of a case's past decides about differences.
#[derive(Default)]
pub(crate) struct Watch {
    after_branch: bool,
    /// Whether the last step was that of a branch's slot.
    pub(crate) in_slot: bool,
    linked: Option<(u32, u32)>,
}

impl Watch {
    /// The difference that `step` makes, if any. Called for every step of a case in order.
    pub(crate) fn difference(&mut self, peer: Peer, batch: &Batch, step: &Step) -> Option<Difference> {
        self.in_slot = std::mem::replace(&mut self.after_branch, false);
        let Some(word) = step.word else {
            return match step.before.pc {
                pc if pc & 1 == 1 => Some(Difference::CompressedCode),
                pc if pc & 2 == 2 && peer == Peer::Qemu => Some(Difference::MisalignedFetch),
                0x8000_0000.. => Some(Difference::Unmapped),
                _ => None,
            };
        };
        let data = matches!(word >> 26, 0x20..=0x2e | 0x30 | 0x38).then(|| {
            let base = step.before.registers[(word >> 21 & 31) as usize];
            base.wrapping_add(word as i16 as u32)
        });
        if !batch.maps(step.before.pc) || data.is_some_and(|address| !batch.maps(address)) {
            return Some(Difference::Unmapped);
        }
        let fault = |fault: Fault| step.fault() == Some(fault as u8);
        if fault(Fault::Division) {
            return Some(Difference::DivisionByZero);
        }
        if is_branch(word) {
            if self.in_slot && !fault(Fault::DelaySlot) {
                return Some(Difference::BranchInASlot);
            }
            self.after_branch = !step.nullifies();
        }
        if word >> 26 == 0x38 && step.after.exited {
            return Some(Difference::FaultyConditional);
        }
        match (word >> 26, step.touch) {
            (0x30, Some(touch)) => self.linked = Some((touch.address, touch.before)),
            (0x38, Some(touch)) if self.linked != Some((touch.address, touch.before)) => {
                return Some(Difference::ChangedLinkedWord);
            }
            (0x38, None) if self.linked.map(|(address, _)| address) == data => return Some(Difference::SpentLink),
            _ => {}
        }
        if is_zero_field_set(word) {
            return Some(Difference::IgnoredField);
        }
        if fault(Fault::Reserved) && is_surplus(peer, word) {
            return Some(Difference::SurplusInstruction);
        }
        None
    }
}

/// Whether `word` is a branch or a jump.
pub(crate) fn is_branch(word: u32) -> bool {
    match (word >> 26, word & 63, word >> 16 & 31) {
        (0x00, 0x08 | 0x09, _) | (0x02..=0x07 | 0x14..=0x17, ..) => true,
        (0x01, _, rt) => matches!(rt, 0..=3 | 0x10..=0x13),
        _ => false,
    }
}

/// Whether a field is set that release 2 wants zero and the peers check: of `srl` and `srlv` what lies beside the bit that makes
/// a rotation, of `blez` and its like rt, of `jr` and `jalr` the hint, of multiplications and moves the number of a DSP
/// accumulator, of `mult` and `multu` what makes them a VR5400's.
fn is_zero_field_set(word: u32) -> bool {
    let accumulator_at = match (word >> 26, word & 63) {
        (0x00, 0x02) => return word >> 22 & 15 != 0,
        (0x00, 0x06) => return word >> 7 & 15 != 0,
        (0x06 | 0x07 | 0x16 | 0x17, _) => return word >> 16 & 31 != 0,
        (0x00, 0x08 | 0x09) => return word >> 6 & 15 != 0,
        (0x00, 0x18 | 0x19) if word >> 6 & 31 != 0 => return true,
        (0x00, 0x10 | 0x12) => 21,
        (0x00, 0x11 | 0x13 | 0x18..=0x1b) | (0x1c, 0x00 | 0x01 | 0x04 | 0x05) => 11,
        _ => return false,
    };
    word >> accumulator_at & 3 != 0
}

/// Whether a word that is reserved here is an instruction of the peer: `jalx`, `rdhwr`, anything of `wsbh`'s family or of the
/// DSP extension into register 0, in QEMU `sdbbp` and some of the vector extension, and in Unicorn, which runs in kernel mode,
/// the privileged ones.
fn is_surplus(peer: Peer, word: u32) -> bool {
    match word >> 26 {
        0x1f => match word & 63 {
            0x3b => true,
            0x0a | 0x0c | 0x10..=0x13 | 0x18 | 0x20 | 0x30 | 0x31 | 0x38 => {
                word >> 16 & 31 == 0 || word >> 11 & 31 == 0
            }
            _ => false,
        },
        0x1d => true,
        0x1e => peer == Peer::Qemu,
        0x1c => peer == Peer::Qemu && word & 63 == 0x3f,
        0x10 | 0x2f => peer == Peer::Unicorn,
        _ => false,
    }
}

/// How many cases were compared, and how many only up to which difference.
#[derive(Default)]
pub(crate) struct Tally {
    whole: u64,
    steps: u64,
    cut: BTreeMap<Difference, u64>,
}

impl Tally {
    /// Counts a case of which `steps` steps were compared.
    pub(crate) fn count(&mut self, steps: usize, cut: Option<Difference>) {
        self.steps += steps as u64;
        match cut {
            None => self.whole += 1,
            Some(difference) => *self.cut.entry(difference).or_default() += 1,
        }
    }

    /// The cases compared to their end, in percent.
    pub(crate) fn percent(&self) -> u64 {
        100 * self.whole / (self.whole + self.cut.values().sum::<u64>()).max(1)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} steps compared, {} cases to their end",
            self.steps, self.whole
        )?;
        self.cut
            .iter()
            .try_for_each(|(difference, cases)| write!(formatter, ", {cases} up to {difference:?}"))
    }
}
