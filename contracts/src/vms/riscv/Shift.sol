// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {State} from "./State.sol";
import {Word, signed} from "./Word.sol";

/// @title Shifts (specs/riscv.md, `shift`)
library Shift {
    /// @dev opcode 13, funct3 1 and 5.
    function immediate(State state, Word word) internal pure {
        shift(state, word, word.rs2());
    }

    /// @dev opcode 33, funct3 1 and 5.
    function register(State state, Word word) internal pure {
        shift(state, word, state.register(word.rs2()) & 31);
    }

    function shift(State state, Word word, uint256 amount) private pure {
        uint256 value = state.register(word.rs1());
        if (word.funct3() == 1) value <<= amount;
        else if (word.funct7() == 0x00) value >>= amount;
        else value = uint256(signed(value) >> amount);
        state.setRegister(word.rd(), value);
    }
}
