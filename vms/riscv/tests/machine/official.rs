//! The instruction set's own test programs, riscv-tests rv32ui and rv32um (`official/`), end with exit code 0: by the step
//! alone, and as they are run.

use std::collections::BTreeMap;

use opml_engine::Machine;
use opml_machine::Memory;
use opml_riscv::RiscVMachine;
use serde::Deserialize;

use crate::random::region;

#[derive(Deserialize)]
struct Program {
    text: String,
    data: String,
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().as_chunks::<2>().0.iter();
    let byte = |pair| u8::from_str_radix(str::from_utf8(pair).expect("digits"), 16).expect("a byte");
    digits.map(|pair| byte(pair)).collect()
}

#[test]
fn the_official_programs_pass() {
    let suite = include_str!("official/suite.json");
    let suite: BTreeMap<String, Program> = serde_json::from_str(suite).expect("programs by name");
    assert_eq!(suite.len(), 48);
    for (name, program) in suite {
        let regions = [
            region(0, [vec![0; 0x1000], bytes(&program.text)].concat()),
            region(0x2000_0000, bytes(&program.data)),
        ];
        let memory = Memory::new(&regions).expect("two regions");
        let mut run = RiscVMachine::new(memory.fork());
        let mut stepped = RiscVMachine::new(memory);
        run.run_until_halt(100_000).expect("forward");
        stepped.run_plainly(run.step());
        for machine in [&mut run, &mut stepped] {
            assert!(machine.processor().exited, "{name} goes on");
            assert_eq!(machine.processor().exit_code, 0, "{name}: the first case that fails");
        }
        assert_eq!(
            (run.root(), run.halted_at()),
            (stepped.root(), stepped.halted_at()),
            "{name}"
        );
    }
}
