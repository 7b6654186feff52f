// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Word} from "./Word.sol";

/// @title Bit counts, fields and exchanges (specs/mips.md, `bits`)
library Bits {
    /// @dev op 1c, fn 20, 21.
    function special2(State state, Word word) internal pure {
        unchecked {
            uint256 value = state.register(word.rs());
            if (word.fn() == 0x21) value ^= 0xffffffff;
            uint256 zeros = 32;
            while (value != 0) {
                value >>= 1;
                --zeros;
            }
            state.setRegister(word.rd(), zeros);
        }
    }

    /// @dev op 1f.
    function special3(State state, Word word) internal pure returns (uint256 fault) {
        uint256 fn = word.fn();
        if (fn == 0x00) return extract(state, word);
        if (fn == 0x04) return insert(state, word);
        if (fn == 0x20) return exchange(state, word);
        return Fault.RESERVED;
    }

    function extract(State state, Word word) private pure returns (uint256 fault) {
        unchecked {
            uint256 from = word.sa();
            uint256 last = word.rd();
            if (from + last > 31) return Fault.RESERVED;
            state.setRegister(word.rt(), state.register(word.rs()) >> from & ((2 << last) - 1));
        }
    }

    function insert(State state, Word word) private pure returns (uint256 fault) {
        unchecked {
            uint256 from = word.sa();
            uint256 last = word.rd();
            if (last < from) return Fault.RESERVED;
            uint256 mask = (2 << (last - from)) - 1;
            uint256 kept = state.register(word.rt()) & ~(mask << from);
            state.setRegister(word.rt(), kept | (state.register(word.rs()) & mask) << from);
        }
    }

    function exchange(State state, Word word) private pure returns (uint256 fault) {
        uint256 value = state.register(word.rt());
        uint256 sa = word.sa();
        if (sa == 0x02) {
            value = (value & 0x00ff00ff) << 8 | value >> 8 & 0x00ff00ff;
        } else if (sa == 0x10) {
            assembly ("memory-safe") {
                value := signextend(0, value)
            }
        } else if (sa == 0x18) {
            assembly ("memory-safe") {
                value := signextend(1, value)
            }
        } else {
            return Fault.RESERVED;
        }
        state.setRegister(word.rd(), value);
    }
}
