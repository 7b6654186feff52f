// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Alu} from "./Alu.sol";
import {Branch} from "./Branch.sol";
import {Fault} from "./Fault.sol";
import {Memory} from "./Memory.sol";
import {Multiply} from "./Multiply.sol";
import {Shift} from "./Shift.sol";
import {State} from "./State.sol";
import {System} from "./System.sol";
import {Witness} from "../witness/Witness.sol";
import {Word} from "./Word.sol";

/// @title From an instruction word to its family; every word that is no instruction is RESERVED
library Execute {
    /// @dev Executes one word; gives the fault, in which case the state is as it was, or NONE.
    function execute(State state, Word word, Witness memory witness) internal pure returns (uint256 fault) {
        uint256 opcode = word.opcode();
        if (opcode == 0x63) return Branch.compare(state, word);
        if (opcode == 0x67) return Branch.register(state, word);
        if (opcode == 0x73) return System.system(state, word);
        if (opcode == 0x6f) {
            Branch.jump(state, word);
            return Fault.NONE;
        }
        if (opcode == 0x03) fault = Memory.load(state, word, witness);
        else if (opcode == 0x0f) fault = System.fence(word);
        else if (opcode == 0x13) fault = immediate(state, word);
        else if (opcode == 0x17 || opcode == 0x37) Alu.upper(state, word);
        else if (opcode == 0x23) fault = Memory.store(state, word, witness);
        else if (opcode == 0x33) fault = register(state, word);
        else fault = Fault.RESERVED;
        if (fault == Fault.NONE) state.advance();
    }

    /// @dev opcode 13, by funct3 and, for shifts, funct7.
    function immediate(State state, Word word) private pure returns (uint256 fault) {
        if (!isShift(word)) Alu.immediate(state, word);
        else if (hasShiftKind(word)) Shift.immediate(state, word);
        else fault = Fault.RESERVED;
    }

    /// @dev opcode 33, by funct7 and funct3.
    function register(State state, Word word) private pure returns (uint256 fault) {
        uint256 funct7 = word.funct7();
        if (isShift(word) && hasShiftKind(word)) Shift.register(state, word);
        else if (funct7 == 0x00 || (funct7 == 0x20 && word.funct3() == 0)) Alu.register(state, word);
        else if (funct7 == 0x01) Multiply.multiply(state, word);
        else fault = Fault.RESERVED;
    }

    /// @dev funct3 1 and 5.
    function isShift(Word word) private pure returns (bool) {
        return word.funct3() & 3 == 1;
    }

    /// @dev Of a shift: funct7 00, or 20 when funct3 is 5.
    function hasShiftKind(Word word) private pure returns (bool) {
        uint256 funct7 = word.funct7();
        return funct7 == 0x00 || (funct7 == 0x20 && word.funct3() == 5);
    }
}
