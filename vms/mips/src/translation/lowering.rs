use std::collections::HashMap;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I32, I64};
use cranelift_codegen::ir::{AliasRegion, AliasRegionData, InstBuilder, MemFlagsData, Value};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, Variable};

use opml_machine::FlatView;

use super::condition::Condition;
use super::facts::Facts;
use super::frame::Frame;
use crate::decode::DISCARD;

/// The address of the instruction after one.
#[derive(Clone, Copy, Debug)]
pub(super) enum NextPc {
    Known(u32),
    /// After the delay slot of a jump.
    Computed(Value),
    /// After the delay slot of a branch.
    Chosen {
        condition: Condition,
        taken: u32,
        not_taken: u32,
    },
}

/// Where the plain step goes on when an instruction is left to it: the state before that instruction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resume {
    pub(super) pc: u32,
    pub(super) next_pc: NextPc,
    /// Steps of the block that are not done: they were taken off at its beginning.
    pub(super) undone: i64,
}

/// A function in the making: the machine's registers as variables, memory as addresses.
pub(super) struct Lowering<'a> {
    pub(super) builder: FunctionBuilder<'a>,
    registers: [Variable; 32],
    hi: Variable,
    lo: Variable,
    left: Variable,
    frame: Value,
    base: Value,
    /// What the function writes, as [`Region::written`](super::region::Region::written) says.
    changed: u64,
    memory: AliasRegion,
    pages: AliasRegion,
    /// What is known of the registers here.
    pub(super) facts: Facts,
    /// By register: the host's address of what it points to, when that is good for all accesses through it that follow.
    pub(super) hosts: [Option<Value>; 32],
    /// The conditions that values are the bits of.
    pub(super) bits: HashMap<Value, Condition>,
}

impl<'a> Lowering<'a> {
    /// Begins the function of a region that writes `changed`: everything is read from the frame.
    pub(super) fn new(mut builder: FunctionBuilder<'a>, changed: u64) -> Self {
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        let frame = builder.block_params(entry)[0];
        let mut region = |user_id, description: &'static str| {
            builder.func.dfg.alias_regions.insert(AliasRegionData {
                user_id,
                description: description.into(),
            })
        };
        let (memory, pages) = (region(1, "memory"), region(2, "written pages"));
        let trusted = MemFlagsData::trusted();
        let mut load = |kind, offset| {
            let value = builder.ins().load(kind, trusted, frame, offset);
            let variable = builder.declare_var(kind);
            builder.def_var(variable, value);
            variable
        };
        let registers = core::array::from_fn(|number| load(I32, 4 * number as i32));
        let (hi, lo) = (load(I32, Frame::HI), load(I32, Frame::LO));
        let left = load(I64, Frame::LEFT);
        let base = builder.ins().load(I64, trusted, frame, Frame::BASE);
        Lowering {
            builder,
            registers,
            hi,
            lo,
            left,
            frame,
            base,
            changed,
            memory,
            pages,
            facts: Facts::none(),
            hosts: [None; 32],
            bits: HashMap::new(),
        }
    }

    pub(super) fn constant(&mut self, value: u32) -> Value {
        self.builder.ins().iconst(I32, i64::from(value))
    }

    pub(super) fn get(&mut self, register: u8) -> Value {
        match self.facts.constant(register) {
            Some(value) => self.constant(value),
            None => self.builder.use_var(self.registers[usize::from(register & 31)]),
        }
    }

    pub(super) fn set(&mut self, register: u8, value: Value) {
        if register == DISCARD {
            return;
        }
        let register = register & 31;
        self.hosts[usize::from(register)] = None;
        self.builder.def_var(self.registers[usize::from(register)], value);
    }

    pub(super) fn get_hi_lo(&mut self) -> (Value, Value) {
        (self.builder.use_var(self.hi), self.builder.use_var(self.lo))
    }

    pub(super) fn set_hi_lo(&mut self, hi: Value, lo: Value) {
        self.builder.def_var(self.hi, hi);
        self.builder.def_var(self.lo, lo);
    }

    /// Leaves for `pc` unless `steps` steps are left.
    pub(super) fn check_steps(&mut self, pc: u32, steps: i64) {
        let left = self.builder.use_var(self.left);
        let is_short = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, left, steps);
        let next_pc = NextPc::Known(pc.wrapping_add(4));
        self.step_aside_if(is_short, Resume { pc, next_pc, undone: 0 });
    }

    /// Takes `steps` off the steps left.
    pub(super) fn take_steps(&mut self, steps: i64) {
        let left = self.builder.use_var(self.left);
        let left = self.builder.ins().iadd_imm_s(left, -steps);
        self.builder.def_var(self.left, left);
    }

    /// Gives back a step that was taken off for an instruction that is not executed.
    pub(super) fn give_back_a_step(&mut self) {
        self.take_steps(-1);
    }

    /// Leaves the instruction at `resume` to the plain step when `condition` holds.
    pub(super) fn step_aside_if(&mut self, condition: Value, resume: Resume) {
        let aside = self.builder.create_block();
        let on = self.builder.create_block();
        self.builder.set_cold_block(aside);
        self.builder.ins().brif(condition, aside, &[], on, &[]);
        self.builder.switch_to_block(aside);
        self.step_aside(resume);
        self.builder.switch_to_block(on);
    }

    /// Leaves the instruction at `resume` to the plain step.
    pub(super) fn step_aside(&mut self, resume: Resume) {
        let pc = self.constant(resume.pc);
        let next_pc = match resume.next_pc {
            NextPc::Known(next_pc) => self.constant(next_pc),
            NextPc::Computed(next_pc) => next_pc,
            NextPc::Chosen {
                condition,
                taken,
                not_taken,
            } => {
                let [taken, not_taken] = [taken, not_taken].map(|target| self.constant(target));
                self.choice(condition, taken, not_taken)
            }
        };
        let left = self.builder.use_var(self.left);
        let left = self.builder.ins().iadd_imm_s(left, resume.undone);
        self.leave_for(pc, next_pc, left);
    }

    /// Leaves for the address `pc`, outside a delay slot.
    pub(super) fn go(&mut self, pc: Value) {
        let next_pc = self.builder.ins().iadd_imm_s(pc, 4);
        let left = self.builder.use_var(self.left);
        self.leave_for(pc, next_pc, left);
    }

    /// Writes what changed to the frame and returns.
    fn leave_for(&mut self, pc: Value, next_pc: Value, left: Value) {
        let trusted = MemFlagsData::trusted();
        let changed = self.changed;
        for number in (1..32u8).filter(|number| changed >> number & 1 == 1) {
            let value = self.get(number);
            self.builder
                .ins()
                .store(trusted, value, self.frame, 4 * i32::from(number));
        }
        if self.changed >> 32 & 1 == 1 {
            let (hi, lo) = self.get_hi_lo();
            self.builder.ins().store(trusted, hi, self.frame, Frame::HI);
            self.builder.ins().store(trusted, lo, self.frame, Frame::LO);
        }
        self.builder.ins().store(trusted, pc, self.frame, Frame::PC);
        self.builder.ins().store(trusted, next_pc, self.frame, Frame::NEXT_PC);
        self.builder.ins().store(trusted, left, self.frame, Frame::LEFT);
        self.builder.ins().return_(&[]);
    }

    /// Ends the function.
    pub(super) fn finish(mut self, target: TargetFrontendConfig) {
        self.builder.seal_all_blocks();
        self.builder.finalize(target);
    }

    /// How the machine's memory is accessed: every address can be read, no access is known to be aligned.
    pub(super) fn memory_flags(&self) -> MemFlagsData {
        MemFlagsData::new().with_notrap().with_alias_region(Some(self.memory))
    }

    /// The host's address of the machine's `address`.
    pub(super) fn host_address(&mut self, address: Value) -> Value {
        let offset = self.builder.ins().uextend(I64, address);
        self.builder.ins().iadd(self.base, offset)
    }

    /// Marks the page of `address`, which lies in slot 2 or 3, as written.
    pub(super) fn mark_written(&mut self, address: Value) {
        let page = self.builder.ins().ushr_imm_u(address, 12);
        let page = self.builder.ins().uextend(I64, page);
        let place = self.builder.ins().iadd(self.base, page);
        let one = self.builder.ins().iconst(I8, 1);
        let flags = MemFlagsData::trusted().with_alias_region(Some(self.pages));
        self.builder.ins().store(flags, one, place, WRITTEN);
    }
}

/// From the flat memory's base plus an address's page number to the page's byte in [`FlatView::written`].
const WRITTEN: i32 = -(0x2000_0000 >> 12) - FlatView::PAGES as i32;
