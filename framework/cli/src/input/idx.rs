use std::path::Path;

use super::{Numbers, npy};
use crate::failure::Failure;

/// Reads images and labels, each IDX (the MNIST format) or NPY: one list of 8-bit samples an image, one label each.
pub(crate) fn read_labelled(images: &Path, labels: &Path) -> Result<Vec<(Vec<u8>, usize)>, Failure> {
    let (pixels, dims) = read_samples("images", images)?;
    let (marks, _) = read_samples("labels", labels)?;
    let count = dims.first().copied().unwrap_or(0);
    if pixels.is_empty() || count != marks.len() {
        return Err(Failure::user(format!(
            "{} has {count} images, {} has {} labels",
            images.display(),
            labels.display(),
            marks.len()
        )));
    }
    Ok(pixels
        .chunks_exact(pixels.len() / count)
        .map(<[u8]>::to_vec)
        .zip(marks.into_iter().map(usize::from))
        .collect())
}

fn read_samples(what: &str, path: &Path) -> Result<(Vec<u8>, Vec<usize>), Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::unreadable(what, path, error).help("the MNIST set is fetched by `python3 examples/mnist/fetch.py`")
    })?;
    if path.extension().is_some_and(|extension| extension == "npy") {
        return match npy::read(&bytes) {
            Ok((Numbers::Samples(samples), dims)) => Ok((samples, dims)),
            Ok(_) => Err(Failure::unreadable(what, path, "its elements are not u8")),
            Err(reason) => Err(Failure::unreadable(what, path, reason)),
        };
    }
    idx(&bytes).ok_or_else(|| Failure::unreadable(what, path, "it is not an IDX file of unsigned bytes"))
}

/// IDX: two zero bytes, type 8 (unsigned byte), rank, big-endian dimensions, elements.
fn idx(bytes: &[u8]) -> Option<(Vec<u8>, Vec<usize>)> {
    let ([0, 0, 8, rank], rest) = bytes.split_first_chunk()? else {
        return None;
    };
    let (dims, elements) = rest.split_at_checked(4 * usize::from(*rank))?;
    let dims: Vec<usize> = dims
        .as_chunks()
        .0
        .iter()
        .map(|dim| u32::from_be_bytes(*dim) as usize)
        .collect();
    let expected = dims.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim))?;
    (elements.len() == expected).then(|| (elements.to_vec(), dims))
}

#[cfg(test)]
mod tests {
    use super::idx;

    #[test]
    fn idx_files_are_read_whole_or_not_at_all() {
        let file = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
        assert_eq!(idx(&file), Some((vec![1, 2, 3, 4, 5, 6], vec![2, 3])));
        for length in 0..file.len() {
            assert_eq!(idx(&file[..length]), None);
        }
        assert_eq!(idx(&[0, 0, 9, 0, 1]), None);
    }
}
