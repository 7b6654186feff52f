use std::collections::BTreeMap;

use opml_graph::Model;
use opml_ops::DType;

/// How strong each layer's output is, and how far the quantised model's is from it.
#[derive(Default)]
pub(super) struct Layers {
    /// By name: Σ signal², Σ difference².
    energies: BTreeMap<String, [f64; 2]>,
}

/// The f32 outputs of a model by their nodes' names; of nodes with one name the last.
fn floats<'a>(model: &'a Model, locals: &'a [Vec<u8>]) -> BTreeMap<&'a str, &'a [[u8; 4]]> {
    let named = model.nodes.iter().zip(locals).filter(|(node, _)| {
        let output = node.record.output();
        output.is_some_and(|output| output.dtype == DType::F32)
    });
    named
        .map(|(node, local)| (&node.name[..], local.as_chunks().0))
        .collect()
}

impl Layers {
    /// Adds one input's outputs, where both models have a layer of one name and size in f32.
    pub(super) fn compare(&mut self, float: &Model, was: &[Vec<u8>], quantised: &Model, is: &[Vec<u8>]) {
        let others = floats(quantised, is);
        for (name, was) in floats(float, was) {
            let Some(is) = others.get(name).filter(|is| is.len() == was.len()) else {
                continue;
            };
            let energies = self.energies.entry(name.to_string()).or_default();
            for (was, is) in was.iter().zip(*is) {
                let (was, is) = (f64::from(f32::from_le_bytes(*was)), f64::from(f32::from_le_bytes(*is)));
                energies[0] += was * was;
                energies[1] += (was - is) * (was - is);
            }
        }
    }

    /// The layers with their signal to noise ratio in decibels, the least first; those that did not change are left out.
    pub(super) fn worst_first(&self) -> Vec<(&str, f64)> {
        let changed = self.energies.iter().filter(|(_, [_, noise])| *noise > 0.0);
        let mut ratios: Vec<(&str, f64)> = changed
            .map(|(name, [signal, noise])| (&name[..], 10.0 * (signal / noise).log10()))
            .collect();
        ratios.sort_by(|one, other| one.1.total_cmp(&other.1));
        ratios
    }
}

#[cfg(test)]
mod tests {
    use super::Layers;

    #[test]
    fn the_noisiest_layer_comes_first() {
        let mut layers = Layers::default();
        layers.energies.insert("good".into(), [100.0, 0.01]);
        layers.energies.insert("bad".into(), [100.0, 1.0]);
        layers.energies.insert("same".into(), [1.0, 0.0]);
        let names: Vec<(&str, f64)> = layers.worst_first();
        assert_eq!(names, [("bad", 20.0), ("good", 40.0)]);
    }
}
