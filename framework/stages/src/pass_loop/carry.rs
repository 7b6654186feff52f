use bytes::Bytes;
use opml_commit::{Root, VectorTree, slot_root};
use opml_engine::{FaultPart, StageError, Store};

use crate::content::{put_vector, value, vector};
use crate::output_fault::{flipped, output_byte};

/// The values that one pass hands to the next one.
#[derive(Clone)]
pub(super) struct Carry {
    /// Root of the vector of their roots.
    pub(super) root: Root,
    values: Vec<(Root, Bytes)>,
}

impl Carry {
    /// The carry with this root, of values of `sizes` bytes.
    pub(super) fn read(store: &dyn Store, root: &Root, sizes: &[usize]) -> Result<Carry, StageError> {
        let roots = vector(store, root, sizes.len())?;
        let values = roots.iter().zip(sizes).map(|(root, size)| {
            let bytes = value(store, root, *size)?;
            Ok((*root, bytes))
        });
        Ok(Carry {
            root: *root,
            values: values.collect::<Result<_, StageError>>()?,
        })
    }

    /// The values, without their roots.
    pub(super) fn into_values(self) -> Vec<Option<Bytes>> {
        self.values.into_iter().map(|(_, bytes)| Some(bytes)).collect()
    }

    /// Puts the vector and the values in the store.
    pub(super) fn put(&self, store: &dyn Store) {
        let roots: Vec<Root> = self.roots();
        put_vector(store, &roots);
        self.values
            .iter()
            .for_each(|(root, bytes)| store.put(*root, bytes.clone()));
    }

    /// Puts one value in the store and gives its root.
    pub(super) fn put_value(&self, place: usize, store: &dyn Store) -> Root {
        let Some((root, bytes)) = self.values.get(place) else {
            return Root::ZERO;
        };
        store.put(*root, bytes.clone());
        *root
    }

    pub(super) fn roots(&self) -> Vec<Root> {
        self.values.iter().map(|(root, _)| *root).collect()
    }

    /// The tree over the values' roots.
    pub(super) fn tree(&self) -> VectorTree {
        VectorTree::new(self.roots())
    }

    /// Bytes of all values.
    pub(super) fn size(&self) -> usize {
        self.values.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// The same carry with a fault's byte flipped, counted over all values in order.
    pub(super) fn with_fault(mut self, what: &str, part: &FaultPart) -> Result<Carry, StageError> {
        let mut byte = output_byte(what, part, self.size())?;
        for (root, bytes) in &mut self.values {
            if byte < bytes.len() {
                *bytes = Bytes::from(flipped(bytes, byte));
                *root = slot_root(bytes);
                break;
            }
            byte -= bytes.len();
        }
        self.root = self.tree().root();
        Ok(self)
    }
}
