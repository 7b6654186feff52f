//! The guest on the frozen vectors of the operators, in every machine.

use std::fs;
use std::path::{Path, PathBuf};

use opml_mips::State;
use serde_json::Value;

use crate::batch::{Batch, PAGE, Pages};
use crate::difference::Tally;
use crate::presence;
use crate::qemu;
use crate::qemu_cases;
use crate::unicorn::{Sampling, Unicorn};
use crate::unicorn_cases;

const OUTPUT: u32 = 0x3000_0000;
const BREAK: u32 = 0x0000_000d;
/// The node mode of the call chunk.
const NODE: u32 = 1;
/// Every state at first, then every thousandth.
const SAMPLING: Sampling = Sampling {
    limit: u32::MAX - 1,
    often: 3000,
    every: 1000,
};
const LIMIT: usize = 10_000_000;

#[test]
fn the_guest_runs_as_in_unicorn() {
    let Some(python) = presence::python() else { return };
    let mut tally = Tally::default();
    let mut unicorn = Unicorn::start(&python);
    for node in nodes() {
        let outcomes = unicorn.run(&node.batch, SAMPLING);
        let case = &node.batch.cases[0];
        unicorn_cases::compare(&node.batch, 0, case, &outcomes[0], SAMPLING, &mut tally);
        assert_eq!(
            outcomes[0].last.registers[2..5],
            [4246, outcomes[0].last.registers[3], 0],
            "{}",
            node.name
        );
        assert_eq!(node.output_in(&outcomes[0].memory), node.output, "{}", node.name);
    }
    println!("the guest in Unicorn: {tally}");
    assert_eq!(tally.percent(), 100, "{tally}");
}

#[test]
fn the_guest_ends_as_in_qemu() {
    let Some(qemu) = presence::qemu() else { return };
    // A process has the lower half of the address space, and the harness slot 7: three inputs.
    let all = nodes();
    let count = all.len();
    let within = |node: &Node| node.batch.pages.iter().all(|pages| pages.address < 0x7000_0000);
    let nodes: Vec<Node> = all.into_iter().filter(within).collect();
    println!("the guest in QEMU: {} nodes of {count}", nodes.len());
    assert!(nodes.len() >= 12, "{} nodes of {count}", nodes.len());
    for mut node in nodes {
        node.break_at_exit();
        let case = node.batch.cases[0].clone();
        let mut ending = qemu_cases::ending(&node.batch, &case, LIMIT).expect("nothing that differs is in the guest");
        let outcomes = qemu::run(qemu, &node.batch, "guest");
        qemu_cases::compare(&node.batch, &case, &mut ending, &outcomes[0]);
        assert_eq!(node.output_in(&outcomes[0].memory), node.output, "{}", node.name);
    }
}

/// A call of the guest and what it must write.
struct Node {
    name: String,
    batch: Batch,
    output: Vec<u8>,
}

impl Node {
    /// The output in the writable pages, one behind another.
    fn output_in<'a>(&self, memory: &'a [u8]) -> &'a [u8] {
        let before = self.batch.writable().take_while(|pages| pages.address < OUTPUT);
        let start: usize = before.map(|pages| pages.bytes.len()).sum();
        &memory[start..start + self.output.len()]
    }

    /// Makes the system call at which the guest ends a `break`: QEMU would end its process.
    fn break_at_exit(&mut self) {
        let ending = qemu_cases::ending(&self.batch, &self.batch.cases[0], LIMIT).expect("nothing that differs");
        assert_eq!(
            (ending.last.fault(), ending.last.after.exit_code),
            (None, 0),
            "{}",
            self.name
        );
        let image = &mut self.batch.pages[0];
        let place = (ending.last.before.pc - image.address) as usize;
        image.bytes[place..place + 4].copy_from_slice(&BREAK.to_le_bytes());
    }
}

/// Some vectors of each operator.
fn nodes() -> Vec<Node> {
    let folder = root().join("specs/vectors/operators");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the operators' vectors")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let nodes: Vec<Node> = files.iter().flat_map(|path| nodes_of(path)).collect();
    assert!(nodes.len() >= 16, "{} nodes", nodes.len());
    nodes
}

/// The first and the last vector of a file.
fn nodes_of(path: &Path) -> Vec<Node> {
    let text = fs::read_to_string(path).expect("a file");
    let vectors: Vec<Value> = serde_json::from_str(&text).expect("a list of vectors");
    let operator = path.file_stem().expect("a name").to_string_lossy();
    let ends = vectors.first().into_iter().chain(vectors.last());
    ends.map(|vector| node(&operator, vector)).collect()
}

fn node(operator: &str, vector: &Value) -> Node {
    let list = |key: &str| vector[key].as_array().expect("a list").clone();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let record: Vec<u32> = list("record")
        .iter()
        .map(|word| u32::from_str_radix(&text(word), 16).expect("a hexadecimal word"))
        .collect();
    let inputs: Vec<Vec<u8>> = list("inputs").iter().map(|input| bytes(&text(input))).collect();
    let output = bytes(&text(&vector["output"]));
    let scratch = record.get(5).copied().unwrap_or(0);
    let call = [NODE, 0, inputs.len() as u32, output.len() as u32];
    let little = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect();

    // Word 3 is 1 + the input that the output starts as.
    let initial = record
        .get(3)
        .and_then(|initial| inputs.get((*initial as usize).checked_sub(1)?));
    let before = initial.cloned().unwrap_or(vec![0; output.len().max(1)]);
    let image = image();
    let mut pages = vec![
        Pages::new(0x1000, image[0x1000..].to_vec()),
        Pages::new(0x1000_0000, little(&record)),
        Pages::new(0x1800_0000, little(&call)),
        Pages::new(0x2000_0000, vec![0; (1 << 20) + scratch.max(PAGE) as usize]),
        Pages::new(OUTPUT, before),
    ];
    for (slot, input) in (4..).zip(inputs) {
        pages.push(Pages::new(slot << 28, input));
    }
    pages.retain(|pages| !pages.bytes.is_empty());
    Node {
        name: format!("{operator}, {}", text(&vector["name"])),
        batch: Batch {
            pages,
            cases: vec![State::entry()],
        },
        output,
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The current guest image.
fn image() -> Vec<u8> {
    let folder = root().join("vms/guest/images");
    let name = fs::read_to_string(folder.join("mips")).expect("the image's root");
    fs::read(folder.join(name.trim()).with_extension("bin")).expect("the image")
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().as_chunks::<2>().0;
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16);
    digits
        .iter()
        .map(|pair| byte(pair).expect("hexadecimal digits"))
        .collect()
}
