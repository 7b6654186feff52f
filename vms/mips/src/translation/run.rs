//! Going back and forth between compiled regions, the interpreter and the plain step.

use opml_machine::{FlatView, Live, Memory, Words};

use super::Translations;
use super::frame::Frame;
use super::region::MOST_INSTRUCTIONS;
use crate::code::Code;
use crate::interpreter::run_decoded;
use crate::{State, step};

/// Does up to `steps` steps, fewer when the machine halts; gives the number done. Equal to as many calls of [`step`].
pub(crate) fn run(state: &mut State, memory: &mut Memory, code: &Code, steps: u64) -> u64 {
    let Some(least_steps) = code.translations.least_steps() else {
        return steps - interpret(state, &mut memory.view(), code, steps, None);
    };
    let mut left = steps;
    if !memory.is_flat() {
        let hot = (steps >= least_steps).then_some(&code.translations);
        left = interpret(state, &mut memory.view(), code, left, hot);
    }
    if left > 0 && !state.exited {
        left = match memory.flat() {
            Some(mut view) => run_flat(state, &mut view, code, left),
            None => interpret(state, &mut memory.view(), code, left, None),
        };
    }
    steps - left
}

/// Interprets until no steps are left, the machine halts, or the program comes to a hot address. Gives the steps left.
fn interpret<W: Words>(
    state: &mut State,
    memory: &mut W,
    code: &Code,
    mut left: u64,
    translations: Option<&Translations>,
) -> u64 {
    while left > 0 && !state.exited {
        left = run_decoded(state, memory, code, left, translations);
        if is_outside_slot(state.pc, state.next_pc) && translations.is_some_and(|own| own.is_hot(state.pc)) {
            break;
        }
        if left > 0 && !state.exited {
            let Ok(()) = step(state, &mut Live(memory));
            left -= 1;
        }
    }
    left
}

fn run_flat(state: &mut State, view: &mut FlatView<'_>, code: &Code, mut left: u64) -> u64 {
    let translations = &code.translations;
    let mut frame = Frame::new();
    while left > 0 && !state.exited {
        let before = left;
        frame.read(state);
        frame.left = i64::try_from(left).unwrap_or(i64::MAX);
        let given = frame.left;
        while is_outside_slot(frame.pc, frame.next_pc)
            && let Some(function) = translations.function(frame.pc)
        {
            let left = frame.left;
            function.call(&mut frame, view);
            if frame.left == left {
                break;
            }
        }
        frame.write(state);
        left -= (given - frame.left) as u64;
        if left == before && translations.is_hot(state.pc) {
            if left <= MOST_INSTRUCTIONS as u64 {
                return interpret(state, view, code, left, None);
            }
            let Ok(()) = step(state, &mut Live(view));
            left -= 1;
        }
        left = interpret(state, view, code, left, Some(translations));
    }
    left
}

fn is_outside_slot(pc: u32, next_pc: u32) -> bool {
    next_pc == pc.wrapping_add(4)
}
