//! The tables of `specs/mips.md`, read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A named instruction of the page.
#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) name: String,
    op: u32,
    function: Option<u32>,
    rt: Option<u32>,
    sa: Option<u32>,
    /// A bit of the word, and what it must be, where one line has two names.
    bit: Option<(u32, bool)>,
    /// The faults of its line, by name.
    pub(crate) faults: Vec<String>,
    pub(crate) effect: String,
}

impl Instruction {
    /// Whether `word` is this instruction.
    pub(crate) fn is(&self, word: u32) -> bool {
        let field =
            |shift: u32, mask: u32, wanted: Option<u32>| wanted.is_none_or(|wanted| word >> shift & mask == wanted);
        word >> 26 == self.op
            && field(0, 63, self.function)
            && field(16, 31, self.rt)
            && field(6, 31, self.sa)
            && self.bit.is_none_or(|(bit, set)| (word >> bit & 1 == 1) == set)
    }

    /// `fields` with this instruction's selectors.
    pub(crate) fn word(&self, fields: u32) -> u32 {
        let put = |word: u32, shift: u32, mask: u32, value: Option<u32>| match value {
            Some(value) => word & !(mask << shift) | value << shift,
            None => word,
        };
        let word = put(fields, 26, 63, Some(self.op));
        let word = put(word, 0, 63, self.function);
        let word = put(word, 16, 31, self.rt);
        let word = put(word, 6, 31, self.sa);
        put(
            word,
            self.bit.map_or(0, |(bit, _)| bit),
            1,
            self.bit.map(|(_, set)| u32::from(set)),
        )
    }

    /// Whether its line makes `word` reserved by its fields.
    pub(crate) fn refuses(&self, word: u32) -> bool {
        let (rd, sa) = (word >> 11 & 31, word >> 6 & 31);
        match self.effect.split_once(" → RESERVED") {
            Some(("sa + rd > 31", _)) => sa + rd > 31,
            Some(("rd < sa", _)) => rd < sa,
            Some((condition, _)) => panic!("{}: unknown condition {condition:?}", self.name),
            None => false,
        }
    }
}

/// The page.
pub(crate) struct Page {
    pub(crate) instructions: Vec<Instruction>,
    /// Number by name.
    pub(crate) faults: BTreeMap<String, u8>,
}

impl Page {
    /// The instruction that `word` is; `None` when no line lists it.
    pub(crate) fn instruction(&self, word: u32) -> Option<&Instruction> {
        let mut found = self.instructions.iter().filter(|instruction| instruction.is(word));
        let first = found.next();
        let second = found.next().map(|second| &second.name);
        assert_eq!(second, None, "{word:08x} is {:?} too", first.map(|first| &first.name));
        first
    }

    /// Reads the page.
    pub(crate) fn read() -> Page {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/mips.md");
        let text = fs::read_to_string(path).expect("the page");
        let faults = text.lines().filter_map(fault).collect();
        let mut page = Page {
            instructions: Vec::new(),
            faults,
        };
        let mut reader = Reader::default();
        text.lines().for_each(|line| reader.line(line, &mut page));
        page
    }

    fn faults_in(&self, text: &str) -> Vec<String> {
        let mut words = text.split(|letter: char| !(letter.is_ascii_uppercase() || letter == '_'));
        let mut found: Vec<String> = Vec::new();
        while let Some(word) = words.find(|word| self.faults.contains_key(*word)) {
            if !found.iter().any(|known| known == word) {
                found.push(word.to_owned());
            }
        }
        found
    }
}

/// A line of the list of faults: indented, number, name.
fn fault(line: &str) -> Option<(String, u8)> {
    let mut words = line.strip_prefix("    ")?.split_whitespace();
    let number: u8 = words.next()?.parse().ok().filter(|number| *number >= 128)?;
    Some((words.next()?.to_owned(), number))
}

/// What the lines above a table say about it.
#[derive(Default)]
struct Reader {
    section: String,
    /// Faults that every line of the section's tables begins with.
    section_faults: Vec<String>,
    /// Faults of the next table's lines.
    table_faults: Vec<String>,
    header: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: &str, page: &mut Page) {
        if let Some(title) = line.strip_prefix("## ") {
            *self = Reader {
                section: title.to_owned(),
                ..Reader::default()
            };
        } else if let Some(row) = line.strip_prefix("| ") {
            let cells: Vec<String> = row
                .trim_end_matches(['|', ' '])
                .split(" | ")
                .map(str::to_owned)
                .collect();
            match (
                self.header.is_empty(),
                cells[0].starts_with("op") || cells[0].starts_with("fn"),
            ) {
                (true, true) => {
                    self.table_faults.extend(page.faults_in(&cells[cells.len() - 1]));
                    self.header = cells;
                }
                (false, _) => self.row(&cells, page),
                (true, false) => {}
            }
        } else if !line.starts_with("|-") && !line.is_empty() {
            if !self.header.is_empty() {
                (self.header, self.table_faults) = (Vec::new(), Vec::new());
            }
            if line.starts_with("Each line begins with") {
                self.section_faults = page.faults_in(line);
            } else if line.starts_with("A store outside") {
                let first = line.split_once("→ ").and_then(|(_, faults)| faults.split(',').next());
                self.table_faults = page.faults_in(first.expect("the fault"));
            }
        } else if line.is_empty() && !self.header.is_empty() {
            (self.header, self.table_faults) = (Vec::new(), Vec::new());
        }
    }

    fn row(&self, cells: &[String], page: &mut Page) {
        let columns = self.header.len();
        assert_eq!(cells.len(), columns, "{cells:?}");
        let effect = &cells[columns - 1];
        let names: Vec<&str> = cells[columns - 2]
            .split([',', ' '])
            .filter(|name| !name.is_empty())
            .collect();
        let mut selectors = Vec::new();
        for (title, cell) in self.header[..columns - 2].iter().zip(cells) {
            selectors.extend(self.selectors(title, cell));
        }
        let bit = effect
            .strip_prefix("bit ")
            .and_then(|rest| rest.split(' ').next()?.parse().ok());
        let bits = match (bit, selectors.len()) {
            (Some(bit), 1) => vec![Some((bit, false)), Some((bit, true))],
            _ => vec![None],
        };
        assert_eq!(names.len(), selectors.len() * bits.len(), "{cells:?}");
        let mut faults = self.section_faults.clone();
        faults.extend(self.table_faults.clone());
        faults.extend(page.faults_in(effect));
        let each = selectors
            .iter()
            .flat_map(|selector| bits.iter().map(move |bit| (selector, bit)));
        for (name, (selector, bit)) in names.into_iter().zip(each) {
            page.instructions.push(Instruction {
                name: name.to_owned(),
                op: selector.op,
                function: selector.function,
                rt: selector.rt,
                sa: selector.sa,
                bit: *bit,
                faults: faults.clone(),
                effect: effect.clone(),
            });
        }
    }

    /// The selectors that `cell` lists under `title`: numbers of the title's last field, until a word names another.
    fn selectors(&self, title: &str, cell: &str) -> Vec<Selector> {
        let mut fixed = Selector::default();
        let mut field = "op";
        if title == "fn" {
            assert!(self.section.ends_with(", op 00"), "{}", self.section);
            field = "fn";
        }
        let mut one_op = false;
        for word in title.split([',', ' ']).filter(|word| !word.is_empty()) {
            match u32::from_str_radix(word, 16) {
                Ok(number) => fixed.set(field, number),
                Err(_) if word == "fn" && field == "op" && title == "op, fn" => one_op = true,
                Err(_) => field = word,
            }
        }
        let mut listed = Vec::new();
        for word in cell.split([',', ' ']).filter(|word| !word.is_empty()) {
            match u32::from_str_radix(word, 16) {
                Ok(number) if one_op => {
                    fixed.set("op", number);
                    (one_op, field) = (false, "fn");
                }
                Ok(number) => listed.push((field, number)),
                Err(_) => {
                    listed.drain(..).for_each(|(field, number)| fixed.set(field, number));
                    field = word;
                }
            }
        }
        listed
            .into_iter()
            .map(|(field, number)| {
                let mut selector = fixed.clone();
                selector.set(field, number);
                selector
            })
            .collect()
    }
}

#[derive(Clone, Default)]
struct Selector {
    op: u32,
    function: Option<u32>,
    rt: Option<u32>,
    sa: Option<u32>,
}

impl Selector {
    fn set(&mut self, field: &str, number: u32) {
        match field {
            "op" => self.op = number,
            "fn" => self.function = Some(number),
            "rt" => self.rt = Some(number),
            "sa" => self.sa = Some(number),
            _ => panic!("unknown field {field:?}"),
        }
    }
}
