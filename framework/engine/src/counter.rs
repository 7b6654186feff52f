//! The smallest program of every kind, for tests of the game: a counter.
//!
//! Values are numbers of 64 bits, and their roots are the numbers themselves. All numbers are big-endian; arithmetic is modulo
//! 2^64.
//!
//! ```text
//! word(v)           24 zero bytes ‖ v u64                the root of the number v, wherever a root is meant
//!                   (of a root that is no such word, the last 8 bytes count)
//!
//! machine program   keccak256("counter.machine" padded to 32 ‖ a u64 ‖ b u64 ‖ n u64)
//!                   inputs = word(v), output = word of v after n times v ← v·a + b
//! loop program      keccak256("counter.loop" padded to 32 ‖ body program (32) ‖ count u64)
//!                   inputs = word(v), output = word of v after count times v ← body(v); a body is a machine or loop program
//!
//! machine state     numbers (32) ‖ exited u8 ‖ exit_code u8                                34 bytes; root = keccak256 of them
//! numbers           a u64 ‖ b u64 ‖ left u64 ‖ value u64                                   the machine's whole memory is this
//!                                                                                          word, and it is its own root
//! entry state       exited = 0, exit_code = 0, memory root = numbers (a, b, n, v)
//! step              exited = 1: unchanged
//!                   left = 0:   exited ← 1, exit_code ← 1
//!                   else:       value ← value·a + b, left ← left − 1, and when left is now 0: exited ← 1
//! witness           machine state
//! inspect           refuses other lengths than 34 and an exited byte above 1
//!
//! loop open         body program (32) ‖ count u64 ‖ trace root (32) ‖ path of leaf count − 1 to the trace root
//!                   checks: the program; count ≥ 1; the path folds claim.output to the trace root
//!                   → anchor = disputed = trace root, count, width = 2^height(count), absent = 0
//!                   leaf i of the trace = word of v after pass i
//! loop narrow       body program (32) ‖ count u64 [‖ leaf i − 1 (32) ‖ its path to the trace root, when i ≥ 1]
//!                   → claim {body program, leaf i − 1 (claim.inputs when i = 0), disputed}
//! instruction open  a u64 ‖ b u64 ‖ n u64 ‖ end state (34) ‖ m u8
//!                   checks: the program; end state exited with code 0; word(value of the end state) = claim.output
//!                   → anchor = root of the entry state over (a, b, n, claim.inputs), disputed = keccak256(end state),
//!                     count = width = k^m ≤ 2^40, absent = 0
//! instruction narrow  witness → verdict by pre = anchor (else refused), post = disputed
//! ```
//!
//! The store holds `a ‖ b ‖ n` under a machine program and `body ‖ count` under a loop program; see [`CounterProgram`].

mod instruction;
mod machine;
mod pass_loop;
mod payload;
mod program;

pub use instruction::{CounterInstruction, CounterInstructionRules};
pub use machine::{CounterVm, STATE_BYTES};
pub use pass_loop::{CounterLoop, CounterLoopRules};
pub use program::{CounterProgram, number_of, word_of};
