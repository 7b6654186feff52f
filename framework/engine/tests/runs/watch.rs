use std::sync::{Arc, Mutex};

use opml_engine::{Run, RunWatch, StageError, WATCHED_STEPS};

use crate::jumper::Jumper;

/// Notes what it hears, and lets a run go on up to some step.
struct Note {
    last: u64,
    asked: Mutex<Vec<u64>>,
    rested: Mutex<Vec<u64>>,
}

impl Note {
    fn up_to(last: u64) -> Arc<Note> {
        Arc::new(Note {
            last,
            asked: Mutex::default(),
            rested: Mutex::default(),
        })
    }

    fn heard(&self) -> (Vec<u64>, Vec<u64>) {
        let take = |heard: &Mutex<Vec<u64>>| core::mem::take(&mut *heard.lock().expect("nobody panicked"));
        (take(&self.asked), take(&self.rested))
    }
}

impl RunWatch for Note {
    fn goes_on(&self, steps: u64) -> bool {
        self.asked.lock().expect("nobody panicked").push(steps);
        steps <= self.last
    }

    fn rests(&self, steps: u64) {
        self.rested.lock().expect("nobody panicked").push(steps);
    }
}

#[test]
fn a_long_run_asks_and_says_when_it_rests() {
    let halt = 10 * WATCHED_STEPS + 5;
    let note = Note::up_to(u64::MAX);
    let mut run = Run::honest(Jumper::boot(halt).0).watched(note.clone());
    assert_eq!(run.halt().expect("it halts"), halt);
    let asked = (1..=10).map(|times| times * WATCHED_STEPS).collect();
    assert_eq!(note.heard(), (asked, vec![halt]));
    run.roots_at(&[1, 2, 3]).expect("the states");
    assert_eq!(note.heard(), (vec![], vec![]));
}

#[test]
fn a_short_run_does_not_ask() {
    let note = Note::up_to(0);
    let mut run = Run::honest(Jumper::boot(WATCHED_STEPS - 1).0).watched(note.clone());
    assert_eq!(run.halt().expect("it halts"), WATCHED_STEPS - 1);
    assert_eq!(note.heard(), (vec![], vec![]));
}

#[test]
fn a_run_that_shall_not_go_on_is_cancelled_and_can_be_taken_up_again() {
    let note = Note::up_to(2 * WATCHED_STEPS);
    let mut run = Run::straight(Jumper::boot(1 << 34).0).watched(note.clone());
    assert!(matches!(run.halt(), Err(StageError::Cancelled)));
    let asked = vec![WATCHED_STEPS, 2 * WATCHED_STEPS, 3 * WATCHED_STEPS];
    assert_eq!(note.heard(), (asked, vec![3 * WATCHED_STEPS]));
    let mut run = run.watched(Note::up_to(u64::MAX));
    assert_eq!(run.halt().expect("it halts"), 1 << 34);
}
