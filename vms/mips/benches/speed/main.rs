//! Steps a second on the five kernels: translated code, the interpreter, the plain step, and Unicorn without hooks on the same
//! image in the same run (`vms/mips/peers`; left out when Python has no `unicorn`).
//!
//! Then what a game over 2^34 steps costs.
//!
//!     cargo bench --profile dev -p opml-mips --bench speed [KERNEL]...

mod game;
mod kernels;
mod unicorn;

use std::sync::Arc;
use std::time::Instant;

use kernels::{KERNELS, Kernel};
use opml_engine::Machine;
use opml_mips::{Code, MipsMachine, State, Translation};

/// Guest steps of a translated run: some seconds.
const TRANSLATED: u64 = 6_000_000_000;
const INTERPRETED: u64 = 300_000_000;
const STEPPED: u64 = 20_000_000;
/// Guest steps of a run of Unicorn.
const UNICORN: u64 = 300_000_000;

/// Steps a second of a run of about `steps` steps, best of three.
fn speed(kernel: &Kernel, steps: u64, code: &Arc<Code>, run: impl Fn(&mut MipsMachine, u64)) -> f64 {
    let times = kernel.times(steps);
    let trial = || {
        let mut machine = MipsMachine::with_code(State::entry(), kernel.memory(times), Arc::clone(code));
        let start = Instant::now();
        run(&mut machine, steps);
        machine.step() as f64 / start.elapsed().as_secs_f64()
    };
    (0..3).map(|_| trial()).fold(0.0, f64::max)
}

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let image = std::fs::read(kernels::image_path()).expect("the image is committed");
    let peer = unicorn::find();
    if peer.is_none() {
        println!("(no Unicorn: name a Python that has it in OPML_PEERS_PYTHON)");
    }
    println!(
        "{:<12} {:>12} {:>12} {:>12} {:>12} {:>10}",
        "M steps/s", "translated", "interpreter", "plain step", "Unicorn", "× Unicorn"
    );
    for kernel in KERNELS
        .iter()
        .filter(|kernel| wanted.is_empty() || wanted.iter().any(|name| name == kernel.name))
    {
        let [hot, never] = [Translation::WhenHot, Translation::Never].map(|when| Arc::new(Code::new(&image, when)));
        let run = |machine: &mut MipsMachine, steps: u64| machine.run_until_halt(steps).expect("it runs forward");
        let translated = speed(kernel, TRANSLATED, &hot, run);
        let interpreted = speed(kernel, INTERPRETED, &never, run);
        let stepped = speed(kernel, STEPPED, &never, |machine, steps| machine.run_plainly(steps));
        let unicorn = peer.as_ref().map(|python| unicorn::speed(python, kernel, UNICORN));
        let million = |speed: f64| format!("{:.0}", speed / 1e6);
        println!(
            "{:<12} {:>12} {:>12} {:>12} {:>12} {:>10}",
            kernel.name,
            million(translated),
            million(interpreted),
            million(stepped),
            unicorn.map_or("-".into(), million),
            unicorn.map_or("-".into(), |peer| format!("{:.1}", translated / peer)),
        );
    }
    game::play(&KERNELS[0]);
    game::play(&KERNELS[3]);
}
