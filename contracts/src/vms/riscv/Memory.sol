// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Witness, WitnessReader} from "../witness/Witness.sol";
import {Word} from "./Word.sol";

/// @title Loads and stores (specs/riscv.md, `memory`)
library Memory {
    /// @dev opcode 03.
    function load(State state, Word word, Witness memory witness) internal pure returns (uint256 fault) {
        unchecked {
            uint256 funct3 = word.funct3();
            if (funct3 == 3 || funct3 > 5) return Fault.RESERVED;
            uint256 location = uint32(state.register(word.rs1()) + word.iimm());
            if (isMisaligned(funct3, location)) return Fault.MISALIGNED;
            uint256 value = WitnessReader.load(witness, location) >> 8 * (location & 3);
            if (funct3 == 4) {
                value &= 0xff;
            } else if (funct3 == 5) {
                value &= 0xffff;
            } else if (funct3 != 2) {
                assembly ("memory-safe") {
                    value := signextend(funct3, value)
                }
            }
            state.setRegister(word.rd(), value);
        }
    }

    /// @dev opcode 23.
    function store(State state, Word word, Witness memory witness) internal pure returns (uint256 fault) {
        unchecked {
            uint256 funct3 = word.funct3();
            if (funct3 > 2) return Fault.RESERVED;
            uint256 location = uint32(state.register(word.rs1()) + word.simm());
            if (isMisaligned(funct3, location)) return Fault.MISALIGNED;
            if (location >> 29 != 1) return Fault.FORBIDDEN;
            uint256 shift = 8 * (location & 3);
            uint256 mask = ((1 << (8 << funct3)) - 1) << shift;
            uint256 value = state.register(word.rs2()) << shift;
            uint256 own = WitnessReader.peek(witness, location);
            state.setMemoryRoot(WitnessReader.store(witness, location, own & ~mask | value & mask));
        }
    }

    /// @dev Whether the access crosses a boundary of its size, which is 2 to the power of funct3's two lowest bits.
    function isMisaligned(uint256 funct3, uint256 location) private pure returns (bool) {
        unchecked {
            return location & ((1 << (funct3 & 3)) - 1) != 0;
        }
    }
}
