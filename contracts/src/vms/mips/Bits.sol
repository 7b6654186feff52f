// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Word} from "./Word.sol";

/// @title Bit counts, fields and exchanges (specs/mips.md, `bits`)
library Bits {
    /// @dev op 1c, fn 20, 21.
    function count(State state, Word word) internal pure {
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

    /// @dev op 1f, fn 00.
    function extract(State state, Word word) internal pure returns (uint256 fault) {
        unchecked {
            uint256 from = word.sa();
            uint256 last = word.rd();
            if (from + last > 31) return Fault.RESERVED;
            state.setRegister(word.rt(), state.register(word.rs()) >> from & ((2 << last) - 1));
        }
    }

    /// @dev op 1f, fn 04.
    function insert(State state, Word word) internal pure returns (uint256 fault) {
        unchecked {
            uint256 from = word.sa();
            uint256 last = word.rd();
            if (last < from) return Fault.RESERVED;
            uint256 mask = (2 << (last - from)) - 1;
            uint256 kept = state.register(word.rt()) & ~(mask << from);
            state.setRegister(word.rt(), kept | (state.register(word.rs()) & mask) << from);
        }
    }

    /// @dev op 1f, fn 20, sa 02, 10, 18.
    function shuffle(State state, Word word) internal pure {
        uint256 value = state.register(word.rt());
        uint256 sa = word.sa();
        if (sa == 0x02) {
            value = (value & 0x00ff00ff) << 8 | value >> 8 & 0x00ff00ff;
        } else {
            uint256 lastByte = sa >> 3 & 1;
            assembly ("memory-safe") {
                value := signextend(lastByte, value)
            }
        }
        state.setRegister(word.rd(), value);
    }
}
