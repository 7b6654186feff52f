use ndarray::Array2;

use super::Bounds;

/// `x [rows, depth] · weightsᵀ + bias`, within bounds.
#[derive(Clone, Debug)]
pub(crate) struct MatMul {
    /// `[outputs, depth]`, in standard layout.
    pub(crate) weights: Array2<f32>,
    /// One number an output.
    pub(crate) bias: Vec<f32>,
    pub(crate) bounds: Bounds,
}

impl MatMul {
    /// Sums are taken in f64, depth ascending.
    pub(crate) fn run(&self, x: &[f32]) -> Vec<f32> {
        let (outputs, depth) = self.weights.dim();
        let weights = self.weights.as_slice().unwrap_or(&[]);
        let mut result = Vec::with_capacity(x.len() / depth * outputs);
        for row in x.chunks_exact(depth) {
            for (weights, bias) in weights.chunks_exact(depth).zip(&self.bias) {
                let products = row.iter().zip(weights);
                let sum = products.fold(f64::from(*bias), |sum, (x, w)| sum + f64::from(*x) * f64::from(*w));
                result.push(self.bounds.apply(sum as f32));
            }
        }
        result
    }
}
