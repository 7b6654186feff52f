use std::sync::Arc;

use opml_engine::{Claim, Opened, Position, RuleError, StageRules, Verdict};

use crate::Noise;

/// The rules, which before they answer a legal payload are asked about damaged ones: bytes flipped, cut off and added.
///
/// A damaged `narrow` must be refused or decide the same. A damaged `open` must be refused; in the machine stage it may also
/// state another end or length, but not another entry. At most `samples` flips and cuts are tried on each payload.
pub fn probed(rules: &[Arc<dyn StageRules>], samples: u64, seed: u64) -> Vec<Arc<dyn StageRules>> {
    let wrap = |inner: &Arc<dyn StageRules>| {
        Arc::new(Probed {
            inner: Arc::clone(inner),
            samples,
            seed,
        }) as Arc<dyn StageRules>
    };
    rules.iter().map(wrap).collect()
}

struct Probed {
    inner: Arc<dyn StageRules>,
    samples: u64,
    seed: u64,
}

impl Probed {
    fn damaged(&self, payload: &[u8]) -> Vec<Vec<u8>> {
        let mut noise = Noise::new(self.seed ^ payload.len() as u64);
        let length = payload.len() as u64;
        let places: Vec<u64> = match length <= self.samples {
            true => (0..length).collect(),
            false => (0..self.samples).map(|_| noise.below(length)).collect(),
        };
        let mut damaged: Vec<Vec<u8>> = Vec::new();
        for place in places {
            let place = place as usize;
            let mut flipped = payload.to_vec();
            flipped[place] ^= 1 << noise.below(8);
            damaged.push(flipped);
            damaged.push(payload[..place].to_vec());
            damaged.push([&payload[..place], &payload[place + 1..]].concat());
        }
        damaged.push([payload, &[0]].concat());
        damaged.push([payload, &[0; 32]].concat());
        damaged.push([&[0], payload].concat());
        damaged.push(Vec::new());
        damaged.retain(|bytes| bytes != payload);
        damaged
    }
}

impl StageRules for Probed {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn is_machine(&self) -> bool {
        self.inner.is_machine()
    }

    fn open(&self, arity: u64, claim: &Claim, payload: &[u8]) -> Result<Opened, RuleError> {
        let opened = self.inner.open(arity, claim, payload)?;
        for damaged in self.damaged(payload) {
            if let Ok(other) = self.inner.open(arity, claim, &damaged) {
                let legal = self.is_machine() && other.anchor == opened.anchor && damaged.len() == payload.len();
                assert!(legal, "{}: a damaged opening was accepted: {other:?}", self.kind());
            }
        }
        for claim in other_claims(claim) {
            let answer = self.inner.open(arity, &claim, payload);
            assert!(
                answer.is_err(),
                "{}: an opening of another claim was accepted",
                self.kind()
            );
        }
        Ok(opened)
    }

    fn narrow(&self, claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, RuleError> {
        let verdict = self.inner.narrow(claim, position, payload)?;
        for damaged in self.damaged(payload) {
            if let Ok(other) = self.inner.narrow(claim, position, &damaged) {
                assert_eq!(other, verdict, "{}: a damaged payload decided otherwise", self.kind());
            }
        }
        Ok(verdict)
    }
}

/// The claim with another program or output. (Its inputs are the game's to check, until a part reads them.)
fn other_claims(claim: &Claim) -> [Claim; 2] {
    let mut others = [*claim; 2];
    others[0].program.0[5] ^= 4;
    others[1].output.0[5] ^= 4;
    others
}
