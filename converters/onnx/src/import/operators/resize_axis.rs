//! How one axis is resized: which elements make up an output, and how much of each.

use crate::import::problem::{Outcome, Problem, unsupported};

/// Where an output of a resized axis may lie at most: beyond it are only scales and regions that nobody means.
const FARTHEST: f64 = (1u64 << 40) as f64;

/// How an axis is resized.
pub(super) struct Axis<'a> {
    /// Elements before and after.
    pub(super) sizes: [usize; 2],
    pub(super) scale: f64,
    /// The part of the axis that a crop takes, as fractions of it.
    pub(super) region: [f64; 2],
    pub(super) plan: &'a Plan<'a>,
}

/// What holds for all axes.
pub(super) struct Plan<'a> {
    pub(super) mode: &'a str,
    pub(super) coordinates: &'a str,
    pub(super) nearest: &'a str,
    /// The shape of the cubic curve.
    pub(super) cubic: f64,
    pub(super) exclude_outside: bool,
    pub(super) antialias: bool,
}

/// The elements that make up one output, with their weights; `None` when it lies outside what is cropped.
pub(super) type Taps = Option<Vec<(i64, f64)>>;

impl Axis<'_> {
    /// Where output `place` lies among the inputs.
    fn origin(&self, place: usize) -> Outcome<f64> {
        let [before, after] = self.sizes.map(|size| size as f64);
        let x = place as f64;
        let width = self.scale * before;
        Ok(match self.plan.coordinates {
            "half_pixel" => (x + 0.5) / self.scale - 0.5,
            "half_pixel_symmetric" => {
                let offset = before / 2.0 * (1.0 - after / width);
                offset + (x + 0.5) / self.scale - 0.5
            }
            "pytorch_half_pixel" if self.sizes[1] == 1 => -0.5,
            "pytorch_half_pixel" => (x + 0.5) / self.scale - 0.5,
            "align_corners" if self.sizes[1] == 1 => 0.0,
            "align_corners" => x * (before - 1.0) / (width - 1.0),
            "asymmetric" => x / self.scale,
            "tf_half_pixel_for_nn" => (x + 0.5) / self.scale,
            "tf_crop_and_resize" => {
                let [start, end] = self.region;
                let offset = match self.sizes[1] {
                    1 => (end - start) * (before - 1.0) / 2.0,
                    _ => x * (end - start) * (before - 1.0) / (width - 1.0),
                };
                offset + start * (before - 1.0)
            }
            other => return Err(unsupported("coordinate_transformation_mode", other, "")),
        })
    }

    /// How many elements make up one output, at least as many.
    pub(super) fn reach(&self) -> Outcome<usize> {
        match self.plan.antialias && self.plan.mode != "nearest" && self.scale < 1.0 {
            true if self.scale > 0.0 => Ok((4.0 / self.scale).ceil() as usize + 2),
            true => Err(Problem::new(format!("a scale of {}", self.scale))),
            false => Ok(4),
        }
    }

    pub(super) fn taps(&self, place: usize) -> Outcome<Taps> {
        let origin = self.origin(place)?;
        if origin.is_nan() || origin.abs() >= FARTHEST {
            return Err(Problem::new(format!(
                "output {place} of an axis would lie at {origin} of the input's"
            )));
        }
        let last = self.sizes[0] as i64 - 1;
        if self.plan.coordinates == "tf_crop_and_resize" && !(0.0..=last as f64).contains(&origin) {
            return Ok(None);
        }
        let whole = origin.floor();
        // A place on an element is taken as just left of the next one.
        let ratio = if whole == origin { 1.0 } else { origin - whole };
        let weights = self.weights(ratio)?;
        // As many neighbours as there are weights: those nearest, the left one of two as near.
        let count = weights.len() as i64;
        let left = if whole == origin { whole - 1.0 } else { whole };
        let first = left as i64 - (count / 2 - 1);
        let mut taps: Vec<(i64, f64)> = (first..).zip(weights).collect();
        if self.plan.exclude_outside {
            taps.iter_mut()
                .filter(|(at, _)| !(0..=last).contains(at))
                .for_each(|(_, weight)| *weight = 0.0);
            let sum: f64 = taps.iter().map(|(_, weight)| weight).sum();
            taps.iter_mut().for_each(|(_, weight)| *weight /= sum);
        }
        taps.iter_mut().for_each(|(at, _)| *at = (*at).clamp(0, last));
        Ok(Some(taps))
    }

    /// The weights of the elements around a place that lies `ratio` to the right of one.
    fn weights(&self, ratio: f64) -> Outcome<Vec<f64>> {
        let scale = if self.plan.antialias { self.scale.min(1.0) } else { 1.0 };
        let spread = |reach: f64, curve: &dyn Fn(f64) -> f64| {
            let first = (-reach / scale).floor() as i64 + 1;
            let end = 2 * (1 - first) + first;
            let weights: Vec<f64> = (first..end)
                .map(|at| curve(((at as f64 - ratio) * scale).abs()))
                .collect();
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|weight| weight / sum).collect::<Vec<f64>>()
        };
        let a = self.plan.cubic;
        let cubic = |x: f64| match x {
            x if x <= 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            x if x < 2.0 => ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a,
            _ => 0.0,
        };
        Ok(match self.plan.mode {
            "nearest" => {
                let right = match self.plan.nearest {
                    _ if ratio == 1.0 => true,
                    "round_prefer_floor" => ratio > 0.5,
                    "round_prefer_ceil" => ratio >= 0.5,
                    "floor" => false,
                    "ceil" => true,
                    other => {
                        return Err(unsupported(
                            "nearest_mode",
                            other,
                            "round_prefer_floor, round_prefer_ceil, floor, ceil",
                        ));
                    }
                };
                vec![f64::from(u8::from(!right)), f64::from(u8::from(right))]
            }
            "linear" => spread(1.0, &|x| (1.0 - x).max(0.0)),
            "cubic" => spread(2.0, &cubic),
            other => return Err(unsupported("mode", other, "nearest, linear, cubic")),
        })
    }
}
