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
