//! The vectors of `specs/vectors/mips`: by hand what goes in and comes out, derived the witness and the roots.
//!
//! With `OPML_WRITE_VECTORS` set the derived fields are written anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use opml_commit::Root;
use opml_engine::{Machine, VmRules};
use opml_machine::Memory;
use opml_mips::{Code, Mips, MipsMachine, State, Translation};
use serde::{Deserialize, Serialize};

use crate::random::region;

/// A vector of the files.
#[derive(Serialize, Deserialize)]
pub(crate) struct Vector {
    name: String,
    word: String,
    before: BTreeMap<String, String>,
    memory: BTreeMap<String, String>,
    after: BTreeMap<String, String>,
    memory_after: BTreeMap<String, String>,
    #[serde(default)]
    before_root: String,
    #[serde(default)]
    after_root: String,
    #[serde(default)]
    witness: String,
}

fn number(text: &str) -> u32 {
    let digits = text.strip_prefix("0x").expect("numbers begin with 0x");
    u32::from_str_radix(digits, 16).expect("a hexadecimal number")
}

fn change(state: &mut State, changes: &BTreeMap<String, String>) {
    for (field, value) in changes {
        let value = number(value);
        match field.as_str() {
            "pc" => state.pc = value,
            "next_pc" => state.next_pc = value,
            "hi" => state.hi = value,
            "lo" => state.lo = value,
            "ll" => state.ll = value,
            "exited" => state.exited = value == 1,
            "exit_code" => state.exit_code = value as u8,
            register => {
                let number: usize = register
                    .strip_prefix('r')
                    .and_then(|name| name.parse().ok())
                    .expect("a field");
                assert!((1..32).contains(&number), "{register}");
                state.registers[number] = value;
            }
        }
    }
}

/// The state after a step that only goes on, then the vector's changes.
fn expected(before: &State, vector: &Vector) -> State {
    let mut after = before.clone();
    if !before.exited && !vector.after.contains_key("exited") {
        after.pc = before.next_pc;
        after.next_pc = before.next_pc.wrapping_add(4);
    }
    change(&mut after, &vector.after);
    after
}

/// Memory with the vector's words and, where it can be fetched, its instruction at `pc`.
fn memory(vector: &Vector, pc: u32, changes: &BTreeMap<String, String>) -> Memory {
    let mut words: BTreeMap<u32, u32> = BTreeMap::new();
    if pc & 3 == 0 && pc >> 28 == 0 {
        words.insert(pc, number(&vector.word));
    }
    for (address, word) in vector.memory.iter().chain(changes) {
        words.insert(number(address), number(word));
    }
    // Low code begins at address 0, as an image does, so that it is decoded; two no-ops behind it make it a block of three.
    let above = words.split_off(&0x1_0000);
    let mut image = Vec::new();
    for (address, word) in words {
        image.resize(address as usize, 0);
        image.extend(word.to_le_bytes());
    }
    image.extend([0; 8]);
    let above = above
        .iter()
        .map(|(address, word)| region(*address, word.to_le_bytes().to_vec()));
    let regions: Vec<_> = above.chain([region(0, image)]).collect();
    Memory::new(&regions).expect("aligned words do not overlap")
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn check(vector: &mut Vector, write: bool) {
    let name = vector.name.clone();
    let mut before = State::entry();
    change(&mut before, &vector.before);
    let after = expected(&before, vector);
    let mut start = memory(vector, before.pc, &BTreeMap::new());
    let after_memory = memory(vector, before.pc, &vector.memory_after).root();
    let after_root = opml_commit::keccak256(&after.pack(&after_memory));

    let mut plain = MipsMachine::at(before.clone(), start.fork());
    let before_root = plain.root();
    let witness = plain.prove_step().expect("every step has a witness");
    plain.run_plainly(1);
    assert_eq!(plain.processor(), &after, "{name}");
    assert_eq!(plain.root(), after_root, "{name}: memory");

    let mut fast = MipsMachine::at(before.clone(), start.fork());
    fast.run_to(1).expect("forward");
    assert_eq!(fast.root(), after_root, "{name}: interpreter");
    plain.run_plainly(2);
    for when in [Translation::Never, Translation::AtOnce] {
        let code = Arc::new(Code::new(&start.leading(0), when));
        let mut fast = MipsMachine::with_code(before.clone(), start.fork(), code);
        fast.run_to(3).expect("forward");
        assert_eq!(fast.processor(), plain.processor(), "{name}: {when:?}");
        assert_eq!(fast.root(), plain.root(), "{name}: {when:?}");
    }
    assert_eq!(Mips.replay(&witness), Ok((before_root, after_root)), "{name}: replay");
    assert_eq!(start.root(), memory(vector, before.pc, &BTreeMap::new()).root());

    let derived = (before_root.to_string(), after_root.to_string(), hex(&witness));
    if write {
        (vector.before_root, vector.after_root, vector.witness) = derived;
    } else {
        assert_eq!(Root::from_hex(&vector.before_root), Some(before_root), "{name}");
        assert_eq!(Root::from_hex(&vector.after_root), Some(after_root), "{name}");
        assert_eq!(vector.witness, derived.2, "{name}");
    }
}

impl Vector {
    /// The states before and after, and the word; `None` when the machine is halted before.
    pub(crate) fn step(&self) -> Option<(State, State, u32)> {
        let mut before = State::entry();
        change(&mut before, &self.before);
        let after = expected(&before, self);
        (!before.exited).then(|| (before, after, number(&self.word)))
    }
}

/// The families' files.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/vectors/mips");
    let families = ["alu", "bits", "branch", "memory", "multiply", "shift", "trap"];
    families
        .map(|family| folder.join(family).with_extension("json"))
        .to_vec()
}

fn read(path: &Path) -> Vec<Vector> {
    let text = fs::read_to_string(path).expect("the family's vectors");
    serde_json::from_str(&text).expect("a list of vectors")
}

/// Every family's vectors.
pub(crate) fn all_vectors() -> Vec<Vector> {
    files().iter().flat_map(|path| read(path)).collect()
}

#[test]
fn vectors_hold() {
    let write = std::env::var_os("OPML_WRITE_VECTORS").is_some();
    let mut count = 0;
    for path in files() {
        let mut vectors = read(&path);
        vectors.iter_mut().for_each(|vector| check(vector, write));
        count += vectors.len();
        if write {
            let text = serde_json::to_string_pretty(&vectors).expect("plain text") + "\n";
            fs::write(&path, text).expect("the vectors are written");
        }
    }
    assert!(count > 250, "{count} vectors");
}
