/// Hands every `stride`-th of the values, from the first on, to the next place, until either ends. Strides of one and two are loops that a
/// compiler makes of whole registers.
#[inline(always)]
pub(crate) fn every<S: Copy, T>(values: &[S], stride: usize, places: &mut [T], mut each: impl FnMut(&mut T, S)) {
    match stride {
        1 => places
            .iter_mut()
            .zip(values)
            .for_each(|(place, value)| each(place, *value)),
        2 => {
            let (pairs, rest) = values.as_chunks::<2>();
            let (whole, last) = places.split_at_mut(pairs.len().min(places.len()));
            whole
                .iter_mut()
                .zip(pairs)
                .for_each(|(place, [value, _])| each(place, *value));
            if let (Some(place), Some(value)) = (last.first_mut(), rest.first()) {
                each(place, *value);
            }
        }
        _ => places
            .iter_mut()
            .zip(values.iter().step_by(stride))
            .for_each(|(place, value)| each(place, *value)),
    }
}
