use super::carry::Carry;

/// The most bytes of values that one trace holds, not counting that some are shared.
const CHECKPOINT_BYTES: usize = 1 << 30;

/// Carries before passes at equal distances, about √N apart, farther when they are large: what lies between is computed again.
pub(super) struct Checkpoints {
    stride: u64,
    /// Number k is the carry before pass `stride · k`.
    kept: Vec<Carry>,
    bytes: usize,
    limit: usize,
}

impl Checkpoints {
    /// For a loop of so many passes.
    pub(super) fn new(passes: u64) -> Checkpoints {
        Checkpoints {
            stride: passes.isqrt().max(1),
            kept: Vec::new(),
            bytes: 0,
            limit: CHECKPOINT_BYTES,
        }
    }

    /// Takes note of the carry before a pass; passes come in order.
    pub(super) fn see(&mut self, pass: u64, before: &Carry) {
        if pass != self.stride.saturating_mul(self.kept.len() as u64) {
            return;
        }
        self.bytes += before.size();
        self.kept.push(before.clone());
        while self.bytes > self.limit && self.kept.len() > 1 {
            self.stride = self.stride.saturating_mul(2);
            let mut place = 0;
            self.kept.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.bytes = self.kept.iter().map(Carry::size).sum();
        }
    }

    /// The last carry held that is not after the beginning of `pass`, and the pass that it is before.
    pub(super) fn before(&self, pass: u64) -> Option<(u64, &Carry)> {
        let place = (pass / self.stride).min((self.kept.len() as u64).checked_sub(1)?);
        Some((place * self.stride, self.kept.get(place as usize)?))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use opml_commit::slot_root;
    use opml_engine::{MemoryStore, Store};

    use super::{Carry, Checkpoints};

    fn carry(pass: u64) -> Carry {
        let bytes = Bytes::from(pass.to_le_bytes().to_vec());
        let (root, store) = (slot_root(&bytes), MemoryStore::default());
        store.put(root, bytes);
        Carry::read(&store, &root, &[8]).expect("it was put")
    }

    #[test]
    fn the_nearest_carry_is_found_however_few_are_held() {
        for (passes, limit) in [(1, 8), (2, 800), (10, 800), (100, 800), (100, 24), (100, 1), (1000, 40)] {
            let mut checkpoints = Checkpoints::new(passes);
            checkpoints.limit = limit;
            for pass in 0..passes {
                checkpoints.see(pass, &carry(pass));
                assert!(checkpoints.bytes <= limit.max(8));
            }
            for pass in 0..passes {
                let (from, before) = checkpoints.before(pass).expect("the first one is always held");
                assert_eq!(before.root, carry(from).root);
                assert!(from <= pass && (pass - from < checkpoints.stride || from + checkpoints.stride >= passes));
            }
            if limit == 800 {
                assert_eq!(checkpoints.stride, passes.isqrt(), "as near as they fit");
            }
        }
    }
}
