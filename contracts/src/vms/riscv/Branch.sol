// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Word, signed} from "./Word.sol";

/// @title Branches and jumps (specs/riscv.md, `branch`); they move the program counter themselves
library Branch {
    /// @dev opcode 6f.
    function jump(State state, Word word) internal pure {
        unchecked {
            linked(state, word, state.pc() + word.jimm());
        }
    }

    /// @dev opcode 67.
    function register(State state, Word word) internal pure returns (uint256 fault) {
        unchecked {
            if (word.funct3() != 0) return Fault.RESERVED;
            linked(state, word, state.register(word.rs1()) + word.iimm() & ~uint256(1));
        }
    }

    /// @dev opcode 63.
    function compare(State state, Word word) internal pure returns (uint256 fault) {
        unchecked {
            uint256 kind = word.funct3();
            uint256 left = state.register(word.rs1());
            uint256 right = state.register(word.rs2());
            bool condition;
            if (kind == 0) condition = left == right;
            else if (kind == 1) condition = left != right;
            else if (kind == 4) condition = signed(left) < signed(right);
            else if (kind == 5) condition = signed(left) >= signed(right);
            else if (kind == 6) condition = left < right;
            else if (kind == 7) condition = left >= right;
            else return Fault.RESERVED;
            if (condition) state.jump(state.pc() + word.bimm());
            else state.advance();
        }
    }

    function linked(State state, Word word, uint256 target) private pure {
        unchecked {
            state.setRegister(word.rd(), state.pc() + 4);
            state.jump(target);
        }
    }
}
