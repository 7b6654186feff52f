//! How long runs go.

use std::sync::Arc;

use opml_machine::{Interpreted, LastImage, Memory};

use crate::State;
use crate::code::Code;
use crate::translation::{Translation, run};

static LAST: LastImage<Code> = LastImage::new();

impl Interpreted for State {
    type Code = Code;

    fn code(image: &[u8]) -> Arc<Code> {
        LAST.code(image, |image| Code::new(image, Translation::WhenHot))
    }

    fn run(&mut self, memory: &mut Memory, code: &Code, steps: u64) -> u64 {
        run(self, memory, code, steps)
    }

    fn register(&mut self, number: u8) -> Option<&mut u32> {
        match number {
            0 => None,
            _ => self.registers.get_mut(usize::from(number)),
        }
    }

    fn next_pc(&mut self) -> &mut u32 {
        &mut self.next_pc
    }
}
