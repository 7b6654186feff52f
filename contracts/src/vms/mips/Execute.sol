// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Alu} from "./Alu.sol";
import {Bits} from "./Bits.sol";
import {Branch} from "./Branch.sol";
import {Fault} from "./Fault.sol";
import {Memory} from "./Memory.sol";
import {Multiply} from "./Multiply.sol";
import {Shift} from "./Shift.sol";
import {State} from "./State.sol";
import {Trap} from "./Trap.sol";
import {Witness} from "../witness/Witness.sol";
import {Word} from "./Word.sol";

/// @title From an instruction word to its family; every word that is no instruction is RESERVED
library Execute {
    /// @dev Executes one word; gives the fault, in which case the state is as it was, or NONE.
    function execute(State state, Word word, Witness memory witness) internal pure returns (uint256 fault) {
        uint256 op = word.op();
        if (op == 0x00) return special(state, word);
        if (op == 0x01) return regimm(state, word);
        if (op < 0x04) return Branch.jump(state, word);
        if (op < 0x08 || (op >= 0x14 && op < 0x18)) return Branch.compare(state, word);
        if (op < 0x10) fault = Alu.immediate(state, word);
        else if (op == 0x1c) fault = special2(state, word);
        else if (op == 0x1f) fault = special3(state, word);
        else if ((op >= 0x20 && op <= 0x26) || op == 0x30) fault = Memory.load(state, word, witness);
        else if ((op >= 0x28 && op <= 0x2b) || op == 0x2e || op == 0x38) fault = Memory.store(state, word, witness);
        else if (op != 0x33) fault = Fault.RESERVED;
        if (fault == Fault.NONE) state.advance();
    }

    /// @dev op 00, by fn.
    function special(State state, Word word) private pure returns (uint256 fault) {
        uint256 fn = word.fn();
        if (fn == 0x08 || fn == 0x09) return Branch.register(state, word);
        if (fn == 0x0c) return Trap.syscall(state);
        if (fn == 0x0d) return Fault.BREAK;
        if (fn < 0x08) {
            if (fn & 3 == 1) return Fault.RESERVED;
            Shift.shift(state, word);
        } else if (fn == 0x0a || fn == 0x0b || (fn >= 0x20 && fn < 0x28) || fn == 0x2a || fn == 0x2b) {
            fault = Alu.register(state, word);
        } else if (fn >= 0x10 && fn < 0x14) {
            Multiply.transfer(state, word);
        } else if (fn >= 0x18 && fn < 0x1c) {
            fault = Multiply.multiply(state, word);
        } else if (fn >= 0x30 && fn <= 0x36 && fn != 0x35) {
            fault = Trap.register(state, word);
        } else if (fn != 0x0f) {
            fault = Fault.RESERVED;
        }
        if (fault == Fault.NONE) state.advance();
    }

    /// @dev op 01, by rt.
    function regimm(State state, Word word) private pure returns (uint256 fault) {
        uint256 rt = word.rt();
        if (rt & 0x0c == 0) return Branch.zero(state, word);
        if (rt >= 0x08 && rt <= 0x0e && rt != 0x0d) fault = Trap.immediate(state, word);
        else if (rt != 0x1f) fault = Fault.RESERVED;
        if (fault == Fault.NONE) state.advance();
    }

    /// @dev op 1c, by fn.
    function special2(State state, Word word) private pure returns (uint256 fault) {
        uint256 fn = word.fn();
        if (fn == 0x20 || fn == 0x21) Bits.count(state, word);
        else if (fn <= 0x05 && fn != 0x03) Multiply.accumulate(state, word);
        else fault = Fault.RESERVED;
    }

    /// @dev op 1f, by fn and sa.
    function special3(State state, Word word) private pure returns (uint256 fault) {
        uint256 fn = word.fn();
        uint256 sa = word.sa();
        if (fn == 0x00) return Bits.extract(state, word);
        if (fn == 0x04) return Bits.insert(state, word);
        if (fn == 0x20 && (sa == 0x02 || sa == 0x10 || sa == 0x18)) Bits.shuffle(state, word);
        else fault = Fault.RESERVED;
    }
}
