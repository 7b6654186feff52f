use core::ops::Range;

use rustix::param::page_size;

/// The address ranges of this process that are shared mappings: of a file, say. Empty where the system does not tell.
pub(super) fn shared_mappings() -> Vec<Range<usize>> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    maps.lines().filter_map(shared_range).collect()
}

/// The range of a line `start-end permissions …`, when the permissions end in `s`.
fn shared_range(line: &str) -> Option<Range<usize>> {
    let mut fields = line.split(' ');
    let (start, end) = fields.next()?.split_once('-')?;
    let parse = |digits| usize::from_str_radix(digits, 16).ok();
    let range = parse(start)?..parse(end)?;
    fields.next()?.ends_with('s').then_some(range)
}

/// The whole host pages among `bytes` whose place in the guest is page-aligned too, `offset` being the place of the first
/// byte; empty when the two never agree.
pub(super) fn whole_pages(offset: usize, bytes: &[u8]) -> Range<usize> {
    let page = page_size();
    let first = bytes.as_ptr().addr();
    if first % page != offset % page {
        return 0..0;
    }
    let skipped = first.next_multiple_of(page) - first;
    let end = ((first + bytes.len()) / page * page).saturating_sub(first);
    if skipped < end { skipped..end } else { 0..0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_maps() {
        let line = "7f01-7f0a r--s 00000000 fe:00 12 /a b";
        assert_eq!(shared_range(line), Some(0x7f01..0x7f0a));
        assert_eq!(shared_range("7f01-7f0a r--p 00000000 fe:00 12 /a s"), None);
        assert_eq!(shared_range(""), None);
        assert_eq!(shared_range("7f01 r--s"), None);
    }

    #[test]
    fn pages_that_lie_alike() {
        let page = page_size();
        let bytes = vec![0; 4 * page];
        let lead = bytes.as_ptr().addr().next_multiple_of(page) - bytes.as_ptr().addr();
        let aligned = &bytes[lead..];
        assert_eq!(whole_pages(0, &aligned[..2 * page + 1]), 0..2 * page);
        assert_eq!(whole_pages(1, &aligned[..2 * page]), 0..0);
        assert_eq!(whole_pages(page + 5, &aligned[5..2 * page + 5]), page - 5..2 * page - 5);
        assert_eq!(whole_pages(5, &aligned[5..page]), 0..0);
    }
}
