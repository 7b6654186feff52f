use opml_ops::Window;

use super::conv2d::inside;

/// The greatest value under a window, padding apart.
#[derive(Clone, Debug)]
pub(crate) struct MaxPool2d {
    /// The windows along height and width.
    pub(crate) windows: [Window; 2],
}

impl MaxPool2d {
    /// A window that lies in the padding altogether gives the least float.
    pub(crate) fn run(&self, x: &[f32]) -> Vec<f32> {
        let [rows, columns] = &self.windows;
        let high = rows.output().unwrap_or(0) as usize;
        let wide = columns.output().unwrap_or(0) as usize;
        let size = columns.size as usize;
        let mut result = Vec::with_capacity(x.len() / (rows.size as usize * size) * high * wide);
        for plane in x.chunks_exact(rows.size as usize * size) {
            for y in 0..high {
                for x in 0..wide {
                    let mut greatest = f32::MIN;
                    for row in (0..rows.kernel as usize).filter_map(|tap| inside(rows, y, tap)) {
                        for column in (0..columns.kernel as usize).filter_map(|tap| inside(columns, x, tap)) {
                            let value = plane[row * size + column];
                            greatest = if value > greatest { value } else { greatest };
                        }
                    }
                    result.push(greatest);
                }
            }
        }
        result
    }
}
