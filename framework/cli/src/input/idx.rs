use std::path::Path;

use super::{Numbers, npy};
use crate::failure::Failure;

/// Reads inputs and labels, each IDX (the MNIST format, 8-bit samples) or NPY (8-bit samples or numbers): one list a row, one label each.
pub(crate) fn read_labelled(inputs: &Path, labels: &Path) -> Result<Vec<(Numbers, usize)>, Failure> {
    let (numbers, dims) = read_set("images", inputs)?;
    let (marks, _) = read_set("labels", labels)?;
    let count = dims.first().copied().unwrap_or(0);
    if numbers.len() == 0 || count != marks.len() {
        return Err(Failure::user(format!(
            "{} has {count} images, {} has {} labels",
            inputs.display(),
            labels.display(),
            marks.len()
        )));
    }
    let marks: Vec<usize> = match &marks {
        Numbers::Real(marks) => marks.iter().map(|mark| *mark as usize).collect(),
        Numbers::Samples(marks) => marks.iter().map(|mark| usize::from(*mark)).collect(),
    };
    let rows = numbers.split(&vec![numbers.len() / count; count]);
    Ok(rows.into_iter().zip(marks).collect())
}

fn read_set(what: &str, path: &Path) -> Result<(Numbers, Vec<usize>), Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::unreadable(what, path, error).help("the MNIST set is fetched by `python3 examples/mnist/fetch.py`")
    })?;
    if path.extension().is_some_and(|extension| extension == "npy") {
        return npy::read(&bytes).map_err(|reason| Failure::unreadable(what, path, reason));
    }
    let (samples, dims) =
        idx(&bytes).ok_or_else(|| Failure::unreadable(what, path, "it is not an IDX file of unsigned bytes"))?;
    Ok((Numbers::Samples(samples), dims))
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
