//! What is written by hand: entry states, end states, and the vectors of `specs/vectors/mips`.

use opml_commit::{Root, keccak256};
use opml_contracts_test::{Lockstep, MachineContract, ProvenStep};
use opml_engine::VmRules;
use opml_mips::{Mips, State};
use serde_json::Value;

#[test]
fn entry_and_end_states_are_read_alike() {
    let mut contract = MachineContract::deployed("mips");
    let memory = keccak256(b"a memory");
    assert_eq!(contract.entry_root(&memory), Mips.entry_root(&memory));

    let mut packed = State::entry().pack(&memory).to_vec();
    packed[20] = 1;
    packed[21] = 130;
    let seen = Mips.inspect(&packed).unwrap();
    assert_eq!(contract.inspect(&packed), Ok(seen));
    assert_eq!((seen.exited, seen.exit_code, seen.memory_root), (true, 130, memory));

    let mut refused = |packed: &[u8], name: &str| assert_eq!(contract.inspect(packed), Err(name.into()));
    packed[20] = 2;
    refused(&packed, "ExitedByte(exited = 2)");
    packed[20] = 0;
    refused(&packed[1..], "PayloadTooShort(needed = 178, left = 177)");
    packed.push(0);
    refused(&packed, "PayloadSurplus(left = 1)");
}

#[test]
fn every_vector_holds_in_both() {
    let mut lockstep = Lockstep::new("mips", Mips);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/vectors/mips");
    let (mut families, mut count) = (0, 0);
    for entry in std::fs::read_dir(folder).expect("the vectors' folder") {
        let path = entry.unwrap().path();
        if path.extension() != Some("json".as_ref()) {
            continue;
        }
        let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for case in &cases {
            let bytes = |key: &str| {
                let text = case[key].as_str().unwrap_or_else(|| panic!("{key} in {case}"));
                decoded(text).unwrap_or_else(|| panic!("{key} in {case}"))
            };
            let root = |key: &str| Root(bytes(key).try_into().expect("32 bytes"));
            println!("{}", case["name"]);
            lockstep.agree(&ProvenStep {
                before: root("before_root"),
                after: root("after_root"),
                witness: bytes("witness"),
            });
            count += 1;
        }
        families += 1;
    }
    assert!(families == 7 && count >= 329, "{count} vectors of {families} families");
}

fn decoded(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.strip_prefix("0x")?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(byte).collect()
}
