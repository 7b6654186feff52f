use std::collections::HashMap;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, Value};

use super::flow::facts_at_beginnings;
use super::lowering::{Lowering, NextPc, Resume};
use super::region::{Block, End, Place, Region};
use crate::decode::Instruction;
use crate::operation::Operation;

impl Lowering<'_> {
    /// Lowers every block; the function begins at the first one.
    pub(super) fn region(&mut self, region: &Region) {
        let places: HashMap<Place, ir::Block> = region
            .blocks
            .iter()
            .map(|block| (block.place, self.builder.create_block()))
            .collect();
        self.builder.ins().jump(places[&region.blocks[0].place], &[]);
        let facts = facts_at_beginnings(region);
        for (index, block) in region.blocks.iter().enumerate() {
            self.facts = facts[index];
            self.builder.switch_to_block(places[&block.place]);
            if let Some(steps) = region.paths.to_check(index) {
                self.check_steps(block.place.pc, steps);
            }
            self.block(block, &places);
        }
    }

    fn block(&mut self, block: &Block, places: &HashMap<Place, ir::Block>) {
        let cost = block.cost();
        self.hosts = [None; 32];
        self.take_steps(cost);
        let mut pc = block.place.pc;
        for (done, instruction) in (0..).zip(&block.instructions) {
            let next_pc = NextPc::Known(pc.wrapping_add(4));
            let undone = cost - done;
            let resume = Resume { pc, next_pc, undone };
            self.reach(&block.instructions[done as usize..], resume);
            self.instruction(instruction, resume);
            pc = pc.wrapping_add(4);
        }
        match block.end {
            End::Fall => self.go_on(block.not_taken(), pc, places),
            End::Leave => {
                let pc = self.constant(pc);
                self.go(pc);
            }
            End::Transfer(transfer, slot) => self.transfer(block, &transfer, &slot, places),
        }
    }

    /// An instruction that is no transfer.
    fn instruction(&mut self, i: &Instruction, resume: Resume) {
        if self.arithmetic(i, resume) || self.access(i, resume) {
            self.facts.pass(i);
            return;
        }
        self.step_aside(resume);
        let unreached = self.builder.create_block();
        self.builder.switch_to_block(unreached);
    }

    /// Goes on at `place`, in this region when it has the place, else elsewhere.
    fn go_on(&mut self, place: Option<Place>, pc: u32, places: &HashMap<Place, ir::Block>) {
        match place.and_then(|place| places.get(&place)) {
            Some(block) => {
                self.builder.ins().jump(*block, &[]);
            }
            None => {
                let pc = self.constant(pc);
                self.go(pc);
            }
        }
    }

    fn transfer(&mut self, block: &Block, i: &Instruction, slot: &Instruction, places: &HashMap<Place, ir::Block>) {
        let pc = block.end_pc();
        let after = pc.wrapping_add(8);
        let in_slot = |next_pc| Resume {
            pc: pc.wrapping_add(4),
            next_pc,
            undone: 1,
        };
        let condition = self.condition(i);
        let computed = (i.operation == Operation::JumpRegister).then(|| self.get(i.a));
        let known = self.facts.constant(i.a);
        let link = self.constant(after);
        self.set(i.d, link);
        self.facts.link(i, after);
        let Some(condition) = condition else {
            let next_pc = computed.map_or(NextPc::Known(i.value), NextPc::Computed);
            self.instruction(slot, in_slot(next_pc));
            return match computed {
                Some(target) => self.jump(block, target, known, places),
                None => self.go_on(block.taken(), i.value, places),
            };
        };
        let [taken, not_taken] = [(); 2].map(|()| self.builder.create_block());
        if i.operation.is_likely() {
            self.branch(condition, taken, not_taken);
            self.builder.switch_to_block(not_taken);
            self.give_back_a_step();
            self.go_on(block.not_taken(), after, places);
            self.builder.switch_to_block(taken);
            self.instruction(slot, in_slot(NextPc::Known(i.value)));
            return self.go_on(block.taken(), i.value, places);
        }
        let next_pc = NextPc::Chosen {
            condition,
            taken: i.value,
            not_taken: after,
        };
        self.instruction(slot, in_slot(next_pc));
        self.branch(condition, taken, not_taken);
        self.builder.switch_to_block(taken);
        self.go_on(block.taken(), i.value, places);
        self.builder.switch_to_block(not_taken);
        self.go_on(block.not_taken(), after, places);
    }

    /// The end of a jump to a computed address, perhaps `known`: to the place that the region expects, when it is that, or
    /// elsewhere.
    fn jump(&mut self, block: &Block, target: Value, known: Option<u32>, places: &HashMap<Place, ir::Block>) {
        let expected = block.taken().and_then(|place| Some((place.pc, *places.get(&place)?)));
        let Some((pc, expected)) = expected else {
            return self.go(target);
        };
        if known == Some(pc) {
            self.builder.ins().jump(expected, &[]);
            return;
        }
        let elsewhere = self.builder.create_block();
        let is_expected = self.builder.ins().icmp_imm_u(IntCC::Equal, target, i64::from(pc));
        self.builder.ins().brif(is_expected, expected, &[], elsewhere, &[]);
        self.builder.set_cold_block(elsewhere);
        self.builder.switch_to_block(elsewhere);
        self.go(target);
    }
}
