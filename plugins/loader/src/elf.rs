//! The one defect that the system's loader does not notice: a file cut short, which ends the process when it is touched.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

const HEADER_BYTES: usize = 64;

/// The bytes that the library at `path` has and should have, when it has fewer. Linkers put the section table last.
/// `None` for a whole file, and for what is not a 64-bit little-endian ELF file.
pub(crate) fn cut_short(path: &Path) -> io::Result<Option<(u64, u64)>> {
    let mut file = File::open(path)?;
    let actual = file.metadata()?.len();
    let mut header = [0u8; HEADER_BYTES];
    if actual < HEADER_BYTES as u64 {
        return Ok(None);
    }
    file.read_exact(&mut header)?;
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(None);
    }
    let number = |at: usize, bytes: usize| {
        let digits = header[at..at + bytes].iter().rev();
        digits.fold(0u64, |number, digit| number << 8 | u64::from(*digit))
    };
    let (table, entry, entries) = (number(0x28, 8), number(0x3a, 2), number(0x3c, 2));
    let stated = table.saturating_add(entry * entries);
    Ok((stated > actual).then_some((actual, stated)))
}
