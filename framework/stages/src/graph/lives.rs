use opml_graph::Model;
use opml_ops::{MAX_INPUTS, Source};

/// Which node is the last to read each carried value and each local.
pub(super) struct Lives {
    carry: Vec<Option<usize>>,
    locals: Vec<Option<usize>>,
    /// The most bytes of a value that a node's output starts as.
    pub(super) most_initial: usize,
}

/// What a node reads that may end with it: a carried value or a local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Carry(usize),
    Local(usize),
}

impl Read {
    /// What input `input` of node `node` reads.
    pub(super) fn of(model: &Model, node: usize, input: usize) -> Option<Read> {
        let described = model.nodes.get(node)?.record.input(input)?;
        match described.source? {
            Source::Carry => Some(Read::Carry(described.index as usize)),
            Source::Local => Some(Read::Local(described.index as usize)),
            Source::Constant | Source::Feed => None,
        }
    }
}

impl Lives {
    /// The lives of a model's values, in which `kept` locals never end.
    pub(super) fn of(model: &Model, kept: std::ops::Range<usize>) -> Lives {
        let mut lives = Lives {
            carry: vec![None; model.carry.len()],
            locals: vec![None; model.nodes.len()],
            most_initial: 0,
        };
        for (node, at) in model.nodes.iter().enumerate() {
            for read in (0..MAX_INPUTS).filter_map(|input| Read::of(model, node, input)) {
                if let Some(last) = lives.last(read) {
                    *last = Some(node);
                }
            }
            if let Some(initial) = at.record.output_initial() {
                lives.most_initial = lives.most_initial.max(at.record.input_bytes(initial) as usize);
            }
        }
        for local in kept {
            if let Some(last) = lives.locals.get_mut(local) {
                *last = None;
            }
        }
        lives
    }

    fn last(&mut self, read: Read) -> Option<&mut Option<usize>> {
        match read {
            Read::Carry(value) => self.carry.get_mut(value),
            Read::Local(local) => self.locals.get_mut(local),
        }
    }

    /// Whether nothing needs the value after `node`.
    pub(super) fn ends(&self, read: Read, node: usize) -> bool {
        let last = match read {
            Read::Carry(value) => self.carry.get(value),
            Read::Local(local) => self.locals.get(local),
        };
        last.copied().flatten() == Some(node)
    }
}
