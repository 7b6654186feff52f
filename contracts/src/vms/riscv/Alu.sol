// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {State} from "./State.sol";
import {Word, bit, signed} from "./Word.sol";

/// @title Arithmetic and logic (specs/riscv.md, `alu`)
library Alu {
    /// @dev opcode 17, 37.
    function upper(State state, Word word) internal pure {
        unchecked {
            uint256 base = word.opcode() == 0x17 ? state.pc() : 0;
            state.setRegister(word.rd(), base + word.uimm());
        }
    }

    /// @dev opcode 13 but for the shifts.
    function immediate(State state, Word word) internal pure {
        state.setRegister(word.rd(), compute(word.funct3(), state.register(word.rs1()), word.iimm()));
    }

    /// @dev opcode 33, funct7 00 and 20 but for the shifts.
    function register(State state, Word word) internal pure {
        unchecked {
            uint256 left = state.register(word.rs1());
            uint256 right = state.register(word.rs2());
            uint256 value = word.funct7() == 0x20 ? left - right : compute(word.funct3(), left, right);
            state.setRegister(word.rd(), value);
        }
    }

    /// @dev Of `right` the low 32 bits count, of the result too.
    function compute(uint256 funct3, uint256 left, uint256 right) private pure returns (uint256) {
        unchecked {
            if (funct3 == 0) return left + right;
            if (funct3 == 2) return bit(signed(left) < signed(right));
            if (funct3 == 3) return bit(left < uint32(right));
            if (funct3 == 4) return left ^ right;
            if (funct3 == 6) return left | right;
            return left & right;
        }
    }
}
