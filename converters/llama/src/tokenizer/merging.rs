use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::vocabulary::Vocabulary;
use super::{Definition, Order};

/// Which pairs of neighbours merge, and which first.
#[derive(Clone, Debug)]
pub(super) enum Merging {
    /// By the tokens of both: rank and whole.
    Pairs(HashMap<(u32, u32), (u32, u32)>),
    /// By the whole, whose rank falls as its score rises.
    Scores(Vec<u32>),
}

/// A run of the text that is one symbol, or nothing once it has become part of another.
#[derive(Clone, Copy)]
struct Symbol {
    start: usize,
    end: usize,
    token: Option<u32>,
    before: usize,
    after: usize,
}

/// No neighbour.
const NONE: usize = usize::MAX;

/// A pair that may merge: rank, left symbol, where the left one and the right one end, whole. Ordered as they merge.
type Candidate = Reverse<(u32, usize, usize, usize, u32)>;

impl Merging {
    /// A pair of tokens whose whole is no ordinary token never merges.
    pub(super) fn new(definition: &Definition, vocabulary: &Vocabulary) -> Merging {
        let merges = match &definition.order {
            Order::Scores(scores) => return Merging::Scores(scores.iter().map(|score| rank(*score)).collect()),
            Order::Merges(merges) => merges,
        };
        let mut pairs = HashMap::with_capacity(merges.len() / 2);
        for (index, pair) in merges.chunks_exact(2).enumerate() {
            let symbols = (vocabulary.symbol(pair[0]), vocabulary.symbol(pair[1]));
            if let (Some(left), Some(right)) = symbols
                && let Some(whole) = vocabulary.token(&[left, right].concat())
            {
                pairs.entry((pair[0], pair[1])).or_insert((index as u32, whole));
            }
        }
        Merging::Pairs(pairs)
    }

    fn pair(&self, text: &[u8], left: &Symbol, right: &Symbol, vocabulary: &Vocabulary) -> Option<(u32, u32)> {
        match self {
            Merging::Pairs(pairs) => pairs.get(&(left.token?, right.token?)).copied(),
            Merging::Scores(ranks) => {
                let whole = vocabulary.token(&text[left.start..right.end])?;
                Some((*ranks.get(whole as usize)?, whole))
            }
        }
    }

    /// Merges a text, cut at `ends` into symbols, until nothing merges; gives each symbol's range and token.
    pub(super) fn merge(
        &self,
        text: &[u8],
        ends: impl Iterator<Item = usize>,
        vocabulary: &Vocabulary,
        mut give: impl FnMut(&[u8], Option<u32>),
    ) {
        let mut symbols: Vec<Symbol> = Vec::new();
        for end in ends {
            let index = symbols.len();
            let start = symbols.last().map_or(0, |last| last.end);
            symbols.push(Symbol {
                start,
                end,
                token: vocabulary.token(&text[start..end]),
                before: index.wrapping_sub(1),
                after: index + 1,
            });
        }
        if let Some(last) = symbols.last_mut() {
            last.after = NONE;
        }
        let mut queue: BinaryHeap<Candidate> = BinaryHeap::new();
        let offer = |queue: &mut BinaryHeap<Candidate>, symbols: &[Symbol], left: usize| {
            if let Some(first) = symbols.get(left)
                && let Some(second) = symbols.get(first.after)
                && let Some((rank, whole)) = self.pair(text, first, second, vocabulary)
            {
                queue.push(Reverse((rank, left, first.end, second.end, whole)));
            }
        };
        for left in 0..symbols.len() {
            offer(&mut queue, &symbols, left);
        }
        while let Some(Reverse((_, left, middle, end, whole))) = queue.pop() {
            let first = symbols[left];
            let Some(second) = symbols.get(first.after).copied() else {
                continue;
            };
            if first.start == first.end || first.end != middle || second.end != end {
                continue;
            }
            symbols[first.after].end = second.start;
            symbols[left] = Symbol {
                end,
                token: Some(whole),
                after: second.after,
                ..first
            };
            if let Some(next) = symbols.get_mut(second.after) {
                next.before = left;
            }
            offer(&mut queue, &symbols, first.before);
            offer(&mut queue, &symbols, left);
        }
        let mut index = 0;
        while let Some(symbol) = symbols.get(index) {
            give(&text[symbol.start..symbol.end], symbol.token);
            index = symbol.after;
        }
    }
}

/// A rank that falls as a finite score rises.
fn rank(score: f32) -> u32 {
    let bits = (score + 0.0).to_bits();
    let rising = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    !rising
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn greater_scores_come_first() {
        let scores = [1e30, 2.0, 0.5, 0.0, -0.25, -3.0, -1e9];
        assert!(scores.windows(2).all(|pair| rank(pair[0]) < rank(pair[1])));
        assert_eq!(rank(0.0), rank(-0.0));
    }
}
