//! Executables for 32-bit little-endian MIPS Linux.

const HEADER: usize = 52;
const SEGMENT: usize = 32;
const PAGE: usize = 0x1000;
/// NOREORDER, the o32 ABI, MIPS32 release 2.
const FLAGS: u32 = 0x7000_1001;

/// What may be done with a segment.
pub(crate) const READ: u32 = 4;
pub(crate) const WRITE: u32 = 2;
pub(crate) const EXECUTE: u32 = 1;

/// Whole pages and what may be done with them.
pub(crate) struct Segment {
    pub(crate) address: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) rights: u32,
}

/// The bytes of an executable; `segments` are by ascending address.
pub(crate) fn executable(entry: u32, segments: &[Segment]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend([0x7f, b'E', b'L', b'F', 1, 1, 1, 0]);
    file.extend([0; 8]);
    halves(&mut file, &[2, 8]); // executable, MIPS
    words(&mut file, &[1, entry, HEADER as u32, 0, FLAGS]);
    halves(
        &mut file,
        &[HEADER as u16, SEGMENT as u16, segments.len() as u16, 0, 0, 0],
    );
    let mut place = (HEADER + SEGMENT * segments.len()).next_multiple_of(PAGE);
    for segment in segments {
        let length = segment.bytes.len() as u32;
        let head = [
            1, // to be loaded
            place as u32,
            segment.address,
            segment.address,
            length,
            length,
            segment.rights,
            PAGE as u32,
        ];
        words(&mut file, &head);
        place += segment.bytes.len().next_multiple_of(PAGE);
    }
    for segment in segments {
        file.resize(file.len().next_multiple_of(PAGE), 0);
        file.extend(&segment.bytes);
    }
    file
}

fn words(file: &mut Vec<u8>, words: &[u32]) {
    file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

fn halves(file: &mut Vec<u8>, halves: &[u16]) {
    file.extend(halves.iter().flat_map(|half| half.to_le_bytes()));
}
