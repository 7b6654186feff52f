use crate::decode::{DISCARD, Instruction};
use crate::operation::Operation;

/// The lowest bits of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Residue {
    /// 0, 1 or 3: the bits that are known.
    mask: u32,
    bits: u32,
}

/// Where a value lies in the writable slots 2 and 3, taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    /// At least so many bytes of them lie before it.
    before: u32,
    /// At least so many lie behind it.
    behind: u32,
}

/// What is known of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fact {
    constant: Option<u32>,
    residue: Residue,
    room: Option<Room>,
}

const UNKNOWN: Fact = Fact {
    constant: None,
    residue: Residue { mask: 0, bits: 0 },
    room: None,
};

/// What is known of the registers, as far as checks and instructions so far tell: one check serves all accesses through a
/// register until it changes by more than known amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts([Fact; 32]);

impl Facts {
    /// Nothing but that register 0 is 0.
    pub(super) fn none() -> Facts {
        let mut facts = [UNKNOWN; 32];
        facts[0] = Fact::constant(0);
        Facts(facts)
    }

    /// The bytes that must be before and behind a register's value for a store's check to pass: more than an offset
    /// reaches.
    pub(super) const ROOM: u32 = 1 << 16;

    /// The value of `register`, when that is known.
    pub(super) fn constant(&self, register: u8) -> Option<u32> {
        self.of(register).constant
    }

    /// The value that `instruction`, which has no checks, gives its register, when that is known.
    pub(super) fn result_constant(&self, i: &Instruction) -> Option<u32> {
        self.result(i).constant
    }

    /// Whether the address of `access` is known to be a multiple of `bytes`, 1, 2 or 4.
    pub(super) fn is_aligned(&self, access: &Instruction, bytes: u32) -> bool {
        let own = self.of(access.a).residue;
        let mask = bytes - 1;
        own.mask & mask == mask && own.bits.wrapping_add(access.value) & mask == 0
    }

    /// Whether the address of `access` is known to lie in slot 2 or 3.
    pub(super) fn is_writable(&self, access: &Instruction) -> bool {
        let offset = access.value as i32;
        self.of(access.a).room.is_some_and(|room| match u32::try_from(offset) {
            Ok(offset) => offset <= room.behind,
            Err(_) => offset.unsigned_abs() <= room.before,
        })
    }

    /// What is known after a branch or jump wrote the link to `address`.
    pub(super) fn link(&mut self, i: &Instruction, address: u32) {
        self.put(i.d, Fact::constant(address));
    }

    /// What is known after an instruction that is no branch or jump, whose checks were passed.
    pub(super) fn pass(&mut self, i: &Instruction) {
        let bytes = i.operation.alignment();
        if bytes > 1 && !self.is_aligned(i, bytes) {
            let mask = bytes - 1;
            let bits = i.value.wrapping_neg() & mask;
            self.put(
                i.a,
                Fact {
                    residue: Residue { mask, bits },
                    ..self.of(i.a)
                },
            );
        }
        if i.operation.is_store() && !self.is_writable(i) {
            let room = Room {
                before: Self::ROOM,
                behind: Self::ROOM,
            };
            self.put(
                i.a,
                Fact {
                    room: Some(room),
                    ..self.of(i.a)
                },
            );
        }
        if i.operation.writes_register() {
            self.put(i.d, self.result(i));
        }
    }

    fn result(&self, i: &Instruction) -> Fact {
        let (left, right) = (self.of(i.a), self.of(i.b));
        let immediate = Fact::constant(i.value);
        match i.operation {
            Operation::Constant => immediate,
            Operation::AddImmediateUnsigned => left.moved(i.value),
            Operation::AddUnsigned | Operation::Or if i.b == 0 => left,
            Operation::AddUnsigned | Operation::Or if i.a == 0 => right,
            Operation::AddUnsigned => left.sum(right),
            Operation::OrImmediate => left.computed(immediate, |left, right| left | right),
            Operation::AndImmediate => left.computed(immediate, |left, right| left & right),
            Operation::Or => left.computed(right, |left, right| left | right),
            Operation::And => left.computed(right, |left, right| left & right),
            Operation::ShiftLeft if i.value >= 2 && right.constant.is_none() => Fact {
                residue: Residue { mask: 3, bits: 0 },
                ..UNKNOWN
            },
            Operation::ShiftLeft => right.computed(immediate, |value, amount| value << (amount & 31)),
            _ => UNKNOWN,
        }
    }

    /// What is known where both `self` and `other` may have led; `is_loop` where it may be asked again and again.
    pub(super) fn meet(&self, other: &Facts, is_loop: bool) -> Facts {
        Facts(core::array::from_fn(|number| {
            self.0[number].meet(other.0[number], is_loop)
        }))
    }

    fn of(&self, register: u8) -> Fact {
        self.0[usize::from(register & 31)]
    }

    fn put(&mut self, register: u8, fact: Fact) {
        if register != DISCARD && register != 0 {
            self.0[usize::from(register & 31)] = fact;
        }
    }
}

impl Fact {
    fn constant(value: u32) -> Fact {
        Fact {
            constant: Some(value),
            residue: Residue {
                mask: 3,
                bits: value & 3,
            },
            room: None,
        }
    }

    /// What `function` gives of two constants.
    fn computed(self, other: Fact, function: impl Fn(u32, u32) -> u32) -> Fact {
        match (self.constant, other.constant) {
            (Some(left), Some(right)) => Fact::constant(function(left, right)),
            _ => UNKNOWN,
        }
    }

    fn sum(self, other: Fact) -> Fact {
        let mask = self.residue.mask & other.residue.mask;
        let bits = self.residue.bits.wrapping_add(other.residue.bits) & mask;
        Fact {
            residue: Residue { mask, bits },
            ..self.computed(other, u32::wrapping_add)
        }
    }

    /// After `amount`, a signed number, was added.
    fn moved(self, amount: u32) -> Fact {
        let Residue { mask, bits } = self.residue;
        let moved = |room: Room| {
            let up = amount as i32;
            let distance = up.unsigned_abs();
            let (gains, loses) = match up >= 0 {
                true => (room.before, room.behind),
                false => (room.behind, room.before),
            };
            let (gains, loses) = (gains.checked_add(distance)?, loses.checked_sub(distance)?);
            let (before, behind) = if up >= 0 { (gains, loses) } else { (loses, gains) };
            Some(Room { before, behind })
        };
        Fact {
            constant: self.constant.map(|value| value.wrapping_add(amount)),
            residue: Residue {
                mask,
                bits: bits.wrapping_add(amount) & mask,
            },
            room: self.room.and_then(moved),
        }
    }

    fn meet(self, other: Fact, is_loop: bool) -> Fact {
        let mut mask = self.residue.mask & other.residue.mask;
        while (self.residue.bits ^ other.residue.bits) & mask != 0 {
            mask >>= 1;
        }
        let room = match (self.room, other.room) {
            (Some(left), Some(right)) if left == right || !is_loop => Some(Room {
                before: left.before.min(right.before),
                behind: left.behind.min(right.behind),
            }),
            _ => None,
        };
        Fact {
            constant: self.constant.filter(|own| other.constant == Some(*own)),
            residue: Residue {
                mask,
                bits: self.residue.bits & mask,
            },
            room,
        }
    }
}
