use opml_commit::{Root, SLOT_HEIGHT, chunk_zero, keccak256, node};

/// The byte tree of a slot with bytes here and there: per height the nodes above present chunks, by index.
pub(crate) struct SparseTree {
    levels: Vec<Vec<(u64, Root)>>,
}

impl SparseTree {
    /// Builds the tree over `(chunk index, chunk)`, ascending.
    pub(crate) fn new(chunks: impl Iterator<Item = (u64, [u8; 128])>) -> Self {
        let mut levels = vec![
            chunks
                .map(|(index, chunk)| (index, keccak256(&chunk)))
                .collect::<Vec<_>>(),
        ];
        for height in 0..SLOT_HEIGHT {
            let zero = chunk_zero(height);
            let below = &levels[usize::from(height)];
            let above = below
                .chunk_by(|left, right| left.0 >> 1 == right.0 >> 1)
                .map(|pair| {
                    let child = |side| {
                        pair.iter()
                            .find(|(index, _)| index & 1 == side)
                            .map_or(&zero, |(_, root)| root)
                    };
                    (pair[0].0 >> 1, node(child(0), child(1)))
                })
                .collect();
            levels.push(above);
        }
        SparseTree { levels }
    }

    /// The node `(height, index)` of the slot.
    pub(crate) fn node(&self, height: u8, index: u64) -> Root {
        self.levels
            .get(usize::from(height))
            .and_then(|nodes| {
                let place = nodes.binary_search_by_key(&index, |(index, _)| *index).ok()?;
                Some(nodes[place].1)
            })
            .unwrap_or_else(|| chunk_zero(height))
    }
}
