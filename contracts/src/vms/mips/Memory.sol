// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Witness, WitnessReader} from "../witness/Witness.sol";
import {Word} from "./Word.sol";

/// @title Loads and stores (specs/mips.md, `memory`)
library Memory {
    /// @dev op 20 … 26 and 30.
    function load(State state, Word word, Witness memory witness) internal pure returns (uint256 fault) {
        unchecked {
            uint256 op = word.op();
            uint256 location = address_(state, word);
            if (isMisaligned(op, location)) return Fault.MISALIGNED;
            uint256 old = state.register(word.rt());
            state.setRegister(word.rt(), loaded(op, WitnessReader.load(witness, location), location & 3, old));
            if (op == 0x30) state.setLink(location + 1);
        }
    }

    /// @dev op 28 … 2b, 2e and 38.
    function store(State state, Word word, Witness memory witness) internal pure returns (uint256 fault) {
        unchecked {
            uint256 op = word.op();
            uint256 location = address_(state, word);
            if (isMisaligned(op, location)) return Fault.MISALIGNED;
            if (location >> 29 != 1) return Fault.FORBIDDEN;
            uint256 value = state.register(word.rt());
            if (op == 0x38) {
                bool linked = state.link() == location + 1;
                state.setLink(0);
                state.setRegister(word.rt(), linked ? 1 : 0);
                if (!linked) return Fault.NONE;
            }
            uint256 old = WitnessReader.peek(witness, location);
            state.setMemoryRoot(WitnessReader.store(witness, location, stored(op, old, location & 3, value)));
        }
    }

    function address_(State state, Word word) private pure returns (uint256) {
        unchecked {
            return uint32(state.register(word.rs()) + uint256(word.signedImmediate()));
        }
    }

    /// @dev Halfwords are ops 21, 25, 29; words 23, 2b, 30, 38; all others take any address.
    function isMisaligned(uint256 op, uint256 location) private pure returns (bool) {
        if (op == 0x23 || op == 0x2b || op & 0x10 != 0) return location & 3 != 0;
        return op & 3 == 1 && location & 1 != 0;
    }

    /// @dev What the register gets from word `w`, byte `b` of it, and its old value.
    function loaded(uint256 op, uint256 w, uint256 b, uint256 old) private pure returns (uint256 value) {
        unchecked {
            if (op == 0x23 || op == 0x30) return w;
            if (op == 0x22) {
                uint256 shift = 24 - 8 * b;
                return w << shift | old & ((1 << shift) - 1);
            }
            value = w >> 8 * b;
            if (op == 0x26) return value | old & ~(0xffffffff >> 8 * b);
            if (op == 0x24) return value & 0xff;
            if (op == 0x25) return value & 0xffff;
            uint256 lastByte = op & 1;
            assembly ("memory-safe") {
                value := signextend(lastByte, value)
            }
        }
    }

    /// @dev What word `w` becomes when `value` is stored at byte `b` of it.
    function stored(uint256 op, uint256 w, uint256 b, uint256 value) private pure returns (uint256) {
        unchecked {
            if (op == 0x2b || op == 0x38) return value;
            if (op == 0x2a) {
                uint256 shift = 24 - 8 * b;
                return w & ~(0xffffffff >> shift) | value >> shift;
            }
            uint256 mask = op == 0x28 ? 0xff : op == 0x29 ? 0xffff : 0xffffffff;
            return (w & ~(mask << 8 * b) | (value & mask) << 8 * b) & 0xffffffff;
        }
    }
}
