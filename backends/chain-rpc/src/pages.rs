use std::ops::RangeInclusive;

/// Blocks asked for at once, at first.
const FIRST_PAGE: u64 = 2_000;
/// Pages grow back to at most this.
const LARGEST_PAGE: u64 = 10_000;

/// Cuts a range of blocks into pages that a node answers: smaller ones after a refusal, larger ones after an answer.
pub(crate) struct Pages {
    next: u64,
    last: u64,
    size: u64,
}

impl Pages {
    /// Blocks `from` to `to`, both included.
    pub(crate) fn new(from: u64, to: u64) -> Pages {
        Pages {
            next: from,
            last: to,
            size: FIRST_PAGE,
        }
    }

    /// The page to ask for; `None` when all were answered.
    pub(crate) fn page(&self) -> Option<RangeInclusive<u64>> {
        let end = self.next.saturating_add(self.size - 1).min(self.last);
        (self.next <= self.last).then_some(self.next..=end)
    }

    /// The page was answered.
    pub(crate) fn answered(&mut self) {
        self.next = self.next.saturating_add(self.size);
        self.size = (self.size * 2).min(LARGEST_PAGE);
    }

    /// The page was too wide; false when it cannot be narrower.
    pub(crate) fn refused(&mut self) -> bool {
        let narrower = self.size > 1;
        self.size = (self.size / 4).max(1);
        narrower
    }
}

#[cfg(test)]
mod tests {
    use super::Pages;

    /// What a node that answers at most `limit` blocks at once is asked for with success.
    fn answered(from: u64, to: u64, limit: u64) -> Vec<u64> {
        let mut pages = Pages::new(from, to);
        let mut blocks = Vec::new();
        while let Some(page) = pages.page() {
            if page.end() - page.start() < limit {
                blocks.extend(page);
                pages.answered();
            } else {
                assert!(pages.refused(), "one block is never too wide");
            }
        }
        blocks
    }

    #[test]
    fn every_block_is_asked_for_once_whatever_the_limit() {
        for limit in [1, 2, 7, 499, 500, 2_000, 1 << 40] {
            let blocks: Vec<u64> = (5..=9_000).collect();
            assert_eq!(answered(5, 9_000, limit), blocks, "limit {limit}");
        }
    }

    #[test]
    fn a_range_that_ends_before_it_begins_has_no_page() {
        assert!(Pages::new(8, 7).page().is_none());
    }
}
