/// Draws an 8-bit greyscale picture in half blocks, two rows a line; plain characters when `colour` is off.
pub(crate) fn draw(samples: &[u8], width: usize, colour: bool) -> String {
    const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
    let mut text = String::new();
    for rows in samples.chunks(width * 2) {
        let (upper, lower) = rows.split_at(width.min(rows.len()));
        text.push_str("    ");
        for (column, &top) in upper.iter().enumerate() {
            let bottom = lower.get(column).copied().unwrap_or(0);
            if colour {
                let grey = |sample: u8| 232 + u16::from(sample) * 23 / 255;
                text.push_str(&format!("\u{1b}[38;5;{}m\u{1b}[48;5;{}m▀", grey(top), grey(bottom)));
            } else {
                text.push(SHADES[(usize::from(top) + usize::from(bottom)) * 4 / 510]);
            }
        }
        text.push_str(if colour { "\u{1b}[0m\n" } else { "\n" });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn two_rows_share_a_line() {
        assert_eq!(draw(&[0, 255, 0, 255, 255, 0], 2, false), "     █\n    ▒ \n");
    }
}
