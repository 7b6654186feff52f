use std::collections::BTreeMap;

use bytes::Bytes;

use opml_graph::Model;
use opml_ops::DType;

/// How strong each layer's output is, and how far the quantised model's is from it.
#[derive(Default)]
pub(super) struct Layers {
    by_name: BTreeMap<String, Comparison>,
}

/// One layer over all inputs.
#[derive(Clone, Copy, Debug)]
enum Comparison {
    /// Both in f32.
    Floats { signal: f64, noise: f64 },
    /// Numbers x beside codes c that stand for them: how many, Σ x, Σ c, Σ x², Σ c², Σ x·c.
    Codes { count: f64, sums: [f64; 5] },
}

impl Comparison {
    /// Σ signal² and Σ difference². What a code stands for is the straight line through the codes that comes closest to the numbers, since it
    /// says nowhere what its scale is.
    fn energies(self) -> [f64; 2] {
        match self {
            Comparison::Floats { signal, noise } => [signal, noise],
            Comparison::Codes { count, sums } => {
                let [x, c, xx, cc, xc] = sums;
                let (spread_x, spread_c, joint) = (xx - x * x / count, cc - c * c / count, xc - x * c / count);
                let explained = if spread_c > 0.0 { joint * joint / spread_c } else { 0.0 };
                [xx, (spread_x - explained).max(0.0)]
            }
        }
    }
}

/// The outputs of a model's nodes by name; of nodes with one name the last of those in f32 or u8.
fn outputs<'a>(model: &'a Model, locals: &'a [Bytes]) -> BTreeMap<&'a str, (DType, &'a [u8])> {
    let named = model.nodes.iter().zip(locals).filter_map(|(node, local)| {
        let dtype = node.record.output()?.dtype;
        matches!(dtype, DType::F32 | DType::U8).then_some((&node.name[..], (dtype, &local[..])))
    });
    named.collect()
}

fn numbers(bytes: &[u8]) -> impl ExactSizeIterator<Item = f64> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|word| f64::from(f32::from_le_bytes(*word)))
}

impl Layers {
    /// Adds one input's outputs, where both models have a layer of one name and size, in f32 or in codes that stand for it.
    pub(super) fn compare(&mut self, float: &Model, was: &[Bytes], quantised: &Model, is: &[Bytes]) {
        let others = outputs(quantised, is);
        for (name, (dtype, was)) in outputs(float, was) {
            if dtype != DType::F32 {
                continue;
            }
            let was = numbers(was);
            match others.get(name) {
                Some((DType::F32, is)) if is.len() == 4 * was.len() => {
                    let begun = Comparison::Floats {
                        signal: 0.0,
                        noise: 0.0,
                    };
                    if let Comparison::Floats { signal, noise } = self.layer(name, begun) {
                        for (was, is) in was.zip(numbers(is)) {
                            *signal += was * was;
                            *noise += (was - is) * (was - is);
                        }
                    }
                }
                Some((DType::U8, is)) if is.len() == was.len() => {
                    let begun = Comparison::Codes {
                        count: 0.0,
                        sums: [0.0; 5],
                    };
                    if let Comparison::Codes { count, sums } = self.layer(name, begun) {
                        *count += was.len() as f64;
                        for (x, code) in was.zip(is.iter()) {
                            let c = f64::from(*code);
                            let terms = [x, c, x * x, c * c, x * c];
                            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn layer(&mut self, name: &str, begun: Comparison) -> &mut Comparison {
        self.by_name.entry(name.to_string()).or_insert(begun)
    }

    /// The layers with their signal to noise ratio in decibels, the least first; those that did not change are left out.
    pub(super) fn worst_first(&self) -> Vec<(&str, f64)> {
        let energies = self.by_name.iter().map(|(name, layer)| (name, layer.energies()));
        let changed = energies.filter(|(_, [_, noise])| *noise > 0.0);
        let mut ratios: Vec<(&str, f64)> = changed
            .map(|(name, [signal, noise])| (&name[..], 10.0 * (signal / noise).log10()))
            .collect();
        ratios.sort_by(|one, other| one.1.total_cmp(&other.1));
        ratios
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Layers};

    #[test]
    fn the_noisiest_layer_comes_first() {
        let mut layers = Layers::default();
        for (name, signal, noise) in [("good", 100.0, 0.01), ("bad", 100.0, 1.0), ("same", 1.0, 0.0)] {
            layers.by_name.insert(name.into(), Comparison::Floats { signal, noise });
        }
        let names: Vec<(&str, f64)> = layers.worst_first();
        assert_eq!(names, [("bad", 20.0), ("good", 40.0)]);
    }

    /// Codes on a straight line are without noise whatever their scale; what is off it is the noise.
    #[test]
    fn codes_are_held_against_the_nearest_line() {
        let energies = |pairs: &[(f64, f64)]| {
            let mut sums = [0.0; 5];
            for (x, c) in pairs {
                let terms = [*x, *c, x * x, c * c, x * c];
                sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
            let count = pairs.len() as f64;
            Comparison::Codes { count, sums }.energies()
        };
        assert!(energies(&[(-1.0, 0.0), (0.0, 10.0), (2.0, 30.0)])[1] < 1e-12);
        assert_eq!(energies(&[(1.0, 5.0), (3.0, 5.0)]), [10.0, 2.0]);
        let [signal, noise] = energies(&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 2.0)]);
        assert_eq!((signal, (noise * 1000.0).round()), (14.0, 545.0));
    }
}
