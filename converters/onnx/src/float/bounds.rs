/// Bounds of a value; infinite ones bound nothing. A minimum above the maximum gives the maximum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) minimum: f32,
    pub(crate) maximum: f32,
}

impl Bounds {
    /// No bounds.
    pub(crate) const NONE: Bounds = Bounds {
        minimum: f32::NEG_INFINITY,
        maximum: f32::INFINITY,
    };

    /// `value` raised to the minimum, then lowered to the maximum.
    pub(crate) fn apply(&self, value: f32) -> f32 {
        let value = if value < self.minimum { self.minimum } else { value };
        if value > self.maximum { self.maximum } else { value }
    }

    /// These bounds, then `next`.
    pub(crate) fn then(&self, next: Bounds) -> Bounds {
        Bounds {
            minimum: next.apply(self.minimum),
            maximum: next.apply(self.maximum),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bounds_in_a_row_are_bounds(
            a in prop::array::uniform2(-9i8..9), b in prop::array::uniform2(-9i8..9), value in -12i8..12,
        ) {
            let [a, b] = [a, b].map(|[minimum, maximum]| Bounds { minimum: minimum.into(), maximum: maximum.into() });
            prop_assert_eq!(a.then(b).apply(value.into()), b.apply(a.apply(value.into())));
        }
    }
}
