//! What a 16-ary game over a long run costs a party: the opening, every reveal, and the state before the last step.

use std::time::Instant;

use opml_engine::{Machine, Run, machine_length};
use opml_mips::MipsMachine;

use crate::kernels::Kernel;

const ARITY: u64 = 16;
const STEPS: u64 = 1 << 34;

/// Plays a game over 2^34 steps or some more of `kernel`, toward a step in its last third, and prints what it took.
pub(crate) fn play(kernel: &Kernel) {
    let times = kernel.times(STEPS);
    let start = Instant::now();
    let mut straight = MipsMachine::new(kernel.memory(times));
    straight.run_until_halt(1 << 40).expect("it runs forward");
    let halt = straight.halted_at().expect("it ends");
    let straight = start.elapsed();

    let start = Instant::now();
    let mut run = Run::honest(Box::new(MipsMachine::new(kernel.memory(times))));
    assert_eq!(run.halt().expect("it halts"), halt);
    let goal = halt / 7 * 5;
    let mut width = machine_length(ARITY, halt).expect("a game holds it").steps;
    let (mut lower, mut rounds) = (0, 0);
    while width > 1 {
        let parts = ARITY.min(width);
        width /= parts;
        let steps: Vec<u64> = (1..parts).map(|part| lower + part * width).collect();
        run.roots_at(&steps).expect("the states");
        lower += width * ((goal - lower) / width).min(parts - 1);
        rounds += 1;
    }
    run.at(lower).expect("the state").prove_step().expect("its witness");
    println!(
        "a {ARITY}-ary game over {halt} steps of {}: {rounds} rounds, {:.3} runs' steps, {:.1} s (one run: {:.1} s), {}",
        kernel.name,
        run.executed() as f64 / halt as f64,
        start.elapsed().as_secs_f64(),
        straight.as_secs_f64(),
        peak_memory(),
    );
}

/// The most memory that this process has had, as the system tells it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = peak.and_then(|peak| peak.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes.map_or("peak memory unknown".into(), |peak| {
        format!("peak memory {} MiB", peak >> 10)
    })
}
