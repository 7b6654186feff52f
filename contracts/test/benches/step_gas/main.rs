//! What the last move of a dispute costs (`docs/step-gas.md`): `cargo bench --profile dev -p opml-contracts-test --bench step_gas`.
//!
//! Gas is the same on every machine. The tables are printed as the page has them.

mod instructions;

use std::sync::Arc;

use instructions::{Access, Instruction, instructions};
use opml_contracts_test::{Court, Guest, Judged, Lockstep, Part, ProvenStep, full_slots};
use opml_engine::{Machine, Region, VmBackend};
use opml_machine::Memory;
use opml_mips::{Mips, MipsMachine, State};
use opml_riscv::RiscV;

/// Where guests have scratch, output, and where the last input of the inference lies.
const SCRATCH: u32 = 0x2010_0000;
const WEIGHTS: u32 = 0x5000_0000;
const SAMPLES: u64 = 200;

/// A step and what it cost.
struct Cost {
    witness: usize,
    step: u64,
    judged: Judged,
}

struct Bench {
    guest: Guest,
    court: Court,
    lockstep: Lockstep,
}

impl Bench {
    fn of<V: VmBackend + Copy + 'static>(vm: V) -> Bench {
        let guest = Guest::digits(Arc::new(vm));
        Bench {
            court: Court::new(vm.name(), &guest),
            lockstep: Lockstep::new(vm.name(), vm),
            guest,
        }
    }

    fn cost(&mut self, number: u64, step: &ProvenStep, truthful: bool) -> Cost {
        Cost {
            witness: step.witness.len(),
            step: self.lockstep.agree(step).execution,
            judged: self.court.judge(number, step, truthful),
        }
    }

    /// The machine in the middle of the run.
    fn middle(&self) -> Box<dyn Machine> {
        let mut machine = self.guest.machine(&Mips);
        machine.run_to(self.guest.steps / 2).expect("forward");
        machine
    }
}

fn main() {
    let mut bench = Bench::of(Mips);
    sampled(&mut bench, &Mips);
    sampled(&mut Bench::of(RiscV), &RiscV);
    by_part(&mut bench);
    by_instruction(&mut bench);
}

fn sampled(bench: &mut Bench, vm: &dyn VmBackend) {
    let mut machine = bench.guest.machine(vm);
    let mut costs = [Vec::new(), Vec::new()];
    for sample in 0..SAMPLES {
        let number = bench.guest.steps * sample / SAMPLES + sample * 7 % 31;
        machine.run_to(number).expect("forward");
        let step = ProvenStep::next(machine.as_ref());
        for (costs, truthful) in costs.iter_mut().zip([true, false]) {
            costs.push(bench.cost(number, &step, truthful));
        }
    }
    let (name, steps) = (vm.name(), bench.guest.steps);
    println!("| {name}: {SAMPLES} of {steps} steps | | least | median | most |\n|---|---|---|---|---|");
    for (costs, winner) in costs.iter().zip(["defender", "challenger"]) {
        let line = |name: &str, of: &dyn Fn(&Cost) -> u64| {
            let mut all: Vec<u64> = costs.iter().map(of).collect();
            all.sort_unstable();
            let (least, median, most) = (all[0], all[all.len() / 2], all[all.len() - 1]);
            println!("| {winner} wins | {name} | {least} | {median} | {most} |");
        };
        if winner == "defender" {
            line("witness, bytes", &|cost| cost.witness as u64);
            line("calldata, bytes", &|cost| cost.judged.bytes);
            line("`step` alone", &|cost| cost.step);
        }
        line("transaction", &|cost| cost.judged.spent.transaction);
        line("at 64 a byte", &|cost| cost.judged.at_64());
    }
    println!();
}

/// Where the gas of one step without and one with a data chunk goes.
fn by_part(bench: &mut Bench) {
    let mut machine = bench.middle();
    let mut steps: [Option<(u64, ProvenStep)>; 2] = [None, None];
    while steps.iter().any(Option::is_none) {
        let step = ProvenStep::next(machine.as_ref());
        let op = machine.state()[..4].try_into().map(u32::from_be_bytes).expect("a pc");
        let op = machine.read(op, 4)[3] >> 2;
        if op == 0x09 {
            steps[0].get_or_insert((machine.step(), step));
        } else if op & 0x38 == 0x28 {
            steps[1].get_or_insert((machine.step(), step));
        }
        machine.run_to(machine.step() + 1).expect("forward");
    }
    let names = bench.court.names();
    let columns: Vec<_> = [true, false]
        .into_iter()
        .flat_map(|truthful| {
            steps
                .iter()
                .flatten()
                .map(move |(number, step)| (*number, step, truthful))
        })
        .map(|(number, step, truthful)| bench.court.profile(number, step, truthful))
        .collect();
    println!(
        "| part | `addiu`, defender wins | a store, defender wins | `addiu`, challenger wins | a store, challenger wins |"
    );
    println!("|---|---|---|---|---|");
    let line = |name: &str, of: &dyn Fn(&opml_contracts_test::Profile) -> i64| {
        let cells: Vec<String> = columns.iter().map(|profile| of(profile).to_string()).collect();
        println!("| {name} | {} |", cells.join(" | "));
    };
    line("base", &|_| 21_000);
    line("calldata at 16 and 4 a byte", &|profile| profile.calldata as i64);
    for (contract, parts) in [
        (
            names[0],
            &[
                Part::Load,
                Part::Store,
                Part::Log,
                Part::Call,
                Part::Hash,
                Part::Compute,
            ][..],
        ),
        (names[2], &[Part::Hash, Part::Compute][..]),
    ] {
        for part in parts {
            let name = match part {
                Part::Load => "reads storage",
                Part::Store => "writes storage",
                Part::Log => "events",
                Part::Call => "calls the machine",
                Part::Hash => "hashes",
                Part::Compute => "computes",
            };
            line(&format!("{} {name}", contract.1), &|profile| {
                profile.parts.get(&(contract.0, *part)).copied().unwrap_or(0) as i64
            });
        }
    }
    line("refund", &|profile| -(profile.refund as i64));
    line("**receipt**", &|profile| profile.used as i64);
    line("calldata floor", &|profile| profile.floor as i64);
    println!();
}

fn by_instruction(bench: &mut Bench) {
    println!("| | | guest: witness | `step` | transaction | at 64 | full: witness | `step` | transaction | at 64 |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let middle = Middle::of(bench);
    for instruction in instructions() {
        let in_guest = ProvenStep::next(&middle.machine(&instruction));
        let address = match instruction.access {
            Access::None => None,
            Access::Load => Some(0xf000_0100),
            Access::Store => Some(0x3000_0100),
        };
        let state = prepared(&instruction, dense(), address.unwrap_or(0x0101_0101));
        let full = full_slots(
            &Mips,
            &state,
            state.pc,
            instruction.word,
            address.map(|base| base + 0x10),
        );
        let cells: Vec<String> = [in_guest, full]
            .iter()
            .map(|step| {
                let cost = bench.cost(1 << 20, step, true);
                let (transaction, at_64) = (cost.judged.spent.transaction, cost.judged.at_64());
                format!("{} | {} | {transaction} | {at_64}", cost.witness, cost.step)
            })
            .collect();
        println!(
            "| {} | `{}` | {} |",
            instruction.family,
            instruction.name,
            cells.join(" | ")
        );
    }
    println!();
}

/// The state without a zero byte in it.
fn dense() -> State {
    let mut state = State::entry();
    (state.pc, state.next_pc) = (0x0101_5674, 0x0101_5678);
    (state.hi, state.lo) = (0x0102_0304, 0x1111_1111);
    for register in &mut state.registers[1..] {
        *register = 0x0123_4567;
    }
    state
}

/// The state in which an instruction does not fault and, if it can, touches memory at `address` + 0x10.
fn prepared(instruction: &Instruction, mut state: State, address: u32) -> State {
    state.registers[1] = address;
    state.registers[2] = 0x0711_2233;
    match instruction.name {
        "sc" => state.ll = (address + 0x10) | 1,
        "syscall" => state.registers[2] = 4246,
        _ => {}
    }
    state
}

/// The machine in the middle of the run, with another instruction in its place.
struct Middle {
    state: State,
    regions: Vec<Region>,
}

impl Middle {
    fn of(bench: &Bench) -> Middle {
        let mut machine = bench.middle();
        let packed = machine.state().try_into().expect("a state");
        let (state, root) = State::unpack(&packed).expect("a state");
        let mut regions = bench.guest.regions.clone();
        for (address, length) in [(0x2000_0000, 3 << 20), (0x3000_0000, 1 << 20)] {
            regions.push(Region {
                address,
                bytes: machine.read(address, length).into(),
                slot_root: None,
            });
        }
        assert_eq!(Memory::new(&regions).expect("regions").root(), root);
        Middle { state, regions }
    }

    fn machine(&self, instruction: &Instruction) -> MipsMachine {
        let mut regions = self.regions.clone();
        let mut image = regions[0].bytes.to_vec();
        image[self.state.pc as usize..][..4].copy_from_slice(&instruction.word.to_le_bytes());
        (regions[0].bytes, regions[0].slot_root) = (image.into(), None);
        let mut state = self.state.clone();
        state.next_pc = state.pc + 4;
        let address = match instruction.access {
            Access::None => state.registers[1],
            Access::Load => WEIGHTS + 0x4f0,
            Access::Store => SCRATCH + 0x4f0,
        };
        let state = prepared(instruction, state, address);
        MipsMachine::at(state, Memory::new(&regions).expect("regions that fit"))
    }
}
