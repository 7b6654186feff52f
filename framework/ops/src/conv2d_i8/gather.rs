use crate::Conv2dI8;

impl Conv2dI8 {
    /// Copies the taps of one window of one group into `patch`, in depth order; padding is the input's zero point.
    ///
    /// `image` holds the channels of the group, `patch` has room for the depth of the weights.
    pub fn gather(&self, image: &[u8], patch: &mut [u8], [y, x]: [usize; 2]) {
        let columns = &self.windows[1];
        let first = columns.place(x, 0);
        let inside =
            first < columns.size as usize && columns.place(x, columns.kernel as usize) <= columns.size as usize;
        match columns.kernel {
            1 if inside => self.gather_rows::<1>(image, patch, y, first),
            3 if inside && columns.dilation == 1 => self.gather_rows::<3>(image, patch, y, first),
            5 if inside && columns.dilation == 1 => self.gather_rows::<5>(image, patch, y, first),
            _ => self.gather_taps(image, patch, y, first),
        }
    }

    /// [`Conv2dI8::gather`] where a row of taps is `TAPS` neighbours inside the image.
    #[inline]
    fn gather_rows<const TAPS: usize>(&self, image: &[u8], patch: &mut [u8], y: usize, first: usize) {
        let rows = &self.windows[0];
        let [height, width] = self.windows.map(|window| window.size as usize);
        let mut patch = patch.as_chunks_mut::<TAPS>().0.iter_mut();
        for channel in image.chunks_exact(height * width) {
            let mut place = rows.place(y, 0);
            for results in patch.by_ref().take(rows.kernel as usize) {
                *results = [self.input_zero_point as u8; TAPS];
                if place < height
                    && let Some(taps) = channel
                        .get(place * width + first..)
                        .and_then(|row| row.first_chunk::<TAPS>())
                {
                    *results = *taps;
                }
                place = place.wrapping_add(rows.dilation as usize);
            }
        }
    }

    /// [`Conv2dI8::gather`] for any window.
    #[inline]
    fn gather_taps(&self, image: &[u8], patch: &mut [u8], y: usize, first: usize) {
        let [rows, columns] = &self.windows;
        let [height, width] = [rows.size as usize, columns.size as usize];
        let mut patch = patch.chunks_exact_mut(columns.kernel as usize);
        for channel in image.chunks_exact(height * width) {
            let mut place = rows.place(y, 0);
            for results in patch.by_ref().take(rows.kernel as usize) {
                let row = if place < height {
                    channel
                        .get(place * width..)
                        .and_then(|row| row.get(..width))
                        .unwrap_or(&[])
                } else {
                    &[]
                };
                let mut column = first;
                for result in results {
                    *result = row.get(column).copied().unwrap_or(self.input_zero_point as u8);
                    column = column.wrapping_add(columns.dilation as usize);
                }
                place = place.wrapping_add(rows.dilation as usize);
            }
        }
    }
}
