//! The gist of a layout report that has hundreds of lines.

/// The last `Expected:` and the last `Found:` of the report, each as one line; the deepest difference comes last.
pub(crate) fn last_difference(report: &str) -> (String, String) {
    (last_after(report, "Expected:"), last_after(report, "Found:"))
}

fn last_after(report: &str, label: &str) -> String {
    const LIMIT: usize = 100;
    let lines: Vec<&str> = report.lines().map(str::trim).collect();
    let Some(at) = lines.iter().rposition(|line| line.starts_with(label)) else {
        return "something else".into();
    };
    let rest = lines[at][label.len()..].trim();
    let stated: Vec<&str> = std::iter::once(rest)
        .chain(
            lines[at + 1..]
                .iter()
                .copied()
                .take_while(|line| !line.is_empty() && !line.ends_with("Found:")),
        )
        .filter(|line| !line.is_empty())
        .collect();
    let stated = stated.join(" ");
    match stated.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("`{} …`", &stated[..end]),
        None => format!("`{stated}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::last_difference;

    #[test]
    fn the_deepest_difference_is_given() {
        let report =
            "Error:x\nExpected:\n    a\nFound:\n    b\n\n  deeper\nError:y\nExpected:\n   u8\nFound:\n   u32\n\n";
        assert_eq!(last_difference(report), ("`u8`".into(), "`u32`".into()));
    }

    #[test]
    fn several_lines_become_one_and_long_ones_are_cut() {
        let report = format!("Expected: one\n  two\n\nFound:\n{}", "\u{e4}".repeat(200));
        let (expected, found) = last_difference(&report);
        assert_eq!(expected, "`one two`");
        assert_eq!(found, format!("`{} …`", "\u{e4}".repeat(100)));
    }

    #[test]
    fn a_report_of_another_form_is_survived() {
        for report in ["", "no labels", "Expected:", "Found:\n\n"] {
            let (expected, found) = last_difference(report);
            assert!(!expected.is_empty() && !found.is_empty());
        }
    }
}
