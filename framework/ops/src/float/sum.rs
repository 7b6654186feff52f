/// Lanes of a reduction.
const LANES: usize = 16;

/// A sum in the one order that reductions have: value i goes to lane i mod 16, from +0; then lanes 8, 4, 2 and 1 apart are added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LaneSum {
    lanes: [f32; LANES],
    next: usize,
}

impl LaneSum {
    /// No value yet.
    #[inline]
    pub(crate) fn new() -> LaneSum {
        LaneSum {
            lanes: [0.0; LANES],
            next: 0,
        }
    }

    /// Adds the next value.
    #[inline(always)]
    pub(crate) fn add(&mut self, value: f32) {
        if let Some(lane) = self.lanes.get_mut(self.next) {
            *lane += value;
        }
        self.next = (self.next + 1) % LANES;
    }

    /// Adds the next values, each as `map` makes it of a word.
    #[inline(always)]
    pub(crate) fn extend(&mut self, words: &[[u8; 4]], map: impl Fn(f32) -> f32) {
        let mut words = words;
        while self.next != 0
            && let Some((first, rest)) = words.split_first()
        {
            self.add(map(f32::from_le_bytes(*first)));
            words = rest;
        }
        let (chunks, tail) = words.as_chunks::<LANES>();
        for chunk in chunks {
            for (lane, word) in self.lanes.iter_mut().zip(chunk) {
                *lane += map(f32::from_le_bytes(*word));
            }
        }
        for word in tail {
            self.add(map(f32::from_le_bytes(*word)));
        }
    }

    /// The sum.
    #[inline]
    pub(crate) fn total(mut self) -> f32 {
        let mut apart = LANES / 2;
        while apart > 0 {
            let (low, high) = self.lanes.split_at_mut(apart);
            for (lane, other) in low.iter_mut().zip(high) {
                *lane += *other;
            }
            apart /= 2;
        }
        let [total, ..] = self.lanes;
        total
    }
}
