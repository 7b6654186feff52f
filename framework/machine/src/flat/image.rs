use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::param::page_size;

use super::mapping::can_duplicate;
use super::shared::{shared_mappings, whole_pages};
use crate::SLOTS;
use crate::mounted::Mounted;

/// From so many bytes on it is worth asking whether a region is a shared mapping.
const SHARED_LEAST: usize = 1 << 18;

/// What was mounted, ready to be mapped by every fork: copied once into a file in memory, but for what is a shared mapping
/// already.
pub(crate) struct Image {
    pub(super) file: File,
    pub(super) pieces: Vec<Piece>,
}

/// Whole host pages of the guest.
pub(super) struct Piece {
    /// Where they begin in the guest.
    pub(super) address: usize,
    pub(super) length: usize,
    pub(super) source: Source,
}

pub(super) enum Source {
    /// The image's file, from this byte on.
    Copy(u64),
    /// A shared mapping.
    Shared(Bytes),
}

impl Image {
    /// `None` where the system has no file for it.
    pub(crate) fn new(mounted: &[Arc<Mounted>; SLOTS]) -> Option<Self> {
        build(mounted).ok()
    }
}

fn build(mounted: &[Arc<Mounted>; SLOTS]) -> io::Result<Image> {
    let mut image = Image {
        file: File::from(memfd_create("opml-machine", MemfdFlags::CLOEXEC)?),
        pieces: Vec::new(),
    };
    let mut mappings = None;
    let mut used = 0;
    for (slot, mounted) in mounted.iter().enumerate() {
        let mut copied: Vec<Range<usize>> = Vec::new();
        for (start, bytes) in &mounted.regions {
            let shared = if matches!(slot, 2 | 3) || bytes.len() < SHARED_LEAST {
                0..0
            } else {
                sharable(*start, bytes, mappings.get_or_insert_with(shared_mappings))
            };
            add_pages(&mut copied, *start..start + shared.start);
            if !shared.is_empty() {
                image.pieces.push(Piece {
                    address: (slot << 28) + start + shared.start,
                    length: shared.len(),
                    source: Source::Shared(bytes.slice(shared.clone())),
                });
            }
            add_pages(&mut copied, start + shared.end..start + bytes.len());
        }
        for range in copied {
            for (at, bytes) in mounted.parts(range.start, range.len()) {
                image.file.write_all_at(bytes, used + at as u64)?;
            }
            image.pieces.push(Piece {
                address: (slot << 28) + range.start,
                length: range.len(),
                source: Source::Copy(used),
            });
            used += range.len() as u64;
        }
    }
    image.file.set_len(used)?;
    Ok(image)
}

/// The part of a region that can be mapped again instead of copied.
fn sharable(start: usize, bytes: &Bytes, mappings: &[Range<usize>]) -> Range<usize> {
    let pages = whole_pages(start, bytes);
    let own = &bytes[pages.clone()];
    let addresses = own.as_ptr().addr()..own.as_ptr().addr() + own.len();
    let lies_in = |mapping: &Range<usize>| mapping.start <= addresses.start && addresses.end <= mapping.end;
    if mappings.iter().any(lies_in) && can_duplicate(own) {
        pages
    } else {
        0..0
    }
}

/// Adds the host pages of `range`, which begins at or behind the last range's bytes.
fn add_pages(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    if range.is_empty() {
        return;
    }
    let page = page_size();
    let (start, end) = (range.start / page * page, range.end.next_multiple_of(page));
    match ranges.last_mut() {
        Some(last) if last.end >= start => last.end = last.end.max(end),
        _ => ranges.push(start..end),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use memmap2::Mmap;
    use opml_engine::Region;

    use super::*;

    #[test]
    #[allow(unsafe_code)]
    fn whole_pages_of_a_file_are_not_copied() {
        let length = SHARED_LEAST + page_size() + 1;
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(&vec![7; length]).expect("room for the file");
        // SAFETY: nobody else knows the file.
        let bytes = Bytes::from_owner(unsafe { Mmap::map(&file) }.expect("a file can be mapped"));
        let regions = [0x3000_0000, 0x4000_0000, 0x5000_0004].map(|address| Region {
            address,
            bytes: bytes.clone(),
            slot_root: None,
        });
        let mounted =
            core::array::from_fn(|slot| Arc::new(Mounted::new(slot as u32, &regions).expect("they are disjoint")));
        let image = Image::new(&mounted).expect("Linux has it");
        let pieces: Vec<(usize, usize, bool)> = image
            .pieces
            .iter()
            .map(|piece| (piece.address, piece.length, matches!(piece.source, Source::Shared(_))))
            .collect();
        let (whole, all) = (SHARED_LEAST + page_size(), SHARED_LEAST + 2 * page_size());
        assert_eq!(
            pieces,
            [
                (0x3000_0000, all, false),
                (0x4000_0000, whole, true),
                (0x4000_0000 + whole, page_size(), false),
                (0x5000_0000, all, false),
            ]
        );
        let copied = image.file.metadata().expect("the file is open").len();
        assert_eq!(copied, (2 * all + page_size()) as u64);
    }
}
