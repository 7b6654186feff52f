use opml_commit::Root;

/// Wei of a gwei.
pub(crate) const GWEI: u128 = 1_000_000_000;

/// `1234567` as `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Seconds with three significant digits and a unit.
pub(crate) fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s if s < 100.0 => format!("{s:.2} s"),
        s => format!("{s:.0} s"),
    }
}

/// Bytes with a unit.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{} B", count(bytes)),
        10_000..10_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// The first eight hexadecimal digits of a root.
pub(crate) fn short(root: &Root) -> String {
    root.to_string()[..10].to_string()
}

/// A signed amount of wei in ether, six places.
pub(crate) fn ether(wei: i128) -> String {
    format!("{:+.6} ether", wei as f64 / 1e18)
}

#[cfg(test)]
mod tests {
    use super::{bytes, count, ether, seconds};

    #[test]
    fn numbers_are_readable() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0.0000123, 0.0123, 1.5, 123.4].map(seconds),
            ["12 µs", "12.3 ms", "1.50 s", "123 s"]
        );
        assert_eq!([12, 12_345, 12_345_678].map(bytes), ["12 B", "12.3 kB", "12.3 MB"]);
        assert_eq!(ether(-1_500_000_000_000_000_000), "-1.500000 ether");
    }
}
