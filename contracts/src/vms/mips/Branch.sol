// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Word, signed} from "./Word.sol";

/// @title Branches and jumps (specs/mips.md, `branch`); they move the program counters themselves
library Branch {
    /// @dev op 04 … 07 and 14 … 17.
    function compare(State state, Word word) internal pure returns (uint256 fault) {
        if (inDelaySlot(state)) return Fault.DELAY_SLOT;
        uint256 left = state.register(word.rs());
        uint256 kind = word.op() & 3;
        bool condition;
        if (kind < 2) condition = (left == state.register(word.rt())) == (kind == 0);
        else condition = (signed(left) > 0) == (kind == 3);
        branch(state, word, condition, word.op() & 0x10 != 0);
    }

    /// @dev op 01, rt 00 … 03 and 10 … 13.
    function zero(State state, Word word) internal pure returns (uint256 fault) {
        if (inDelaySlot(state)) return Fault.DELAY_SLOT;
        uint256 kind = word.rt();
        bool condition = (signed(state.register(word.rs())) >= 0) == (kind & 1 == 1);
        if (kind & 0x10 != 0) linkTo(state, 31);
        branch(state, word, condition, kind & 2 != 0);
    }

    /// @dev op 02, 03.
    function jump(State state, Word word) internal pure returns (uint256 fault) {
        if (inDelaySlot(state)) return Fault.DELAY_SLOT;
        uint256 next = state.nextPc();
        if (word.op() == 0x03) linkTo(state, 31);
        state.transfer(next, next & 0xf0000000 | word.index() << 2);
    }

    /// @dev op 00, fn 08, 09.
    function register(State state, Word word) internal pure returns (uint256 fault) {
        if (inDelaySlot(state)) return Fault.DELAY_SLOT;
        uint256 target = state.register(word.rs());
        if (word.fn() == 0x09) linkTo(state, word.rd());
        state.transfer(state.nextPc(), target);
    }

    function inDelaySlot(State state) private pure returns (bool) {
        unchecked {
            return uint32(state.pc() + 4) != state.nextPc();
        }
    }

    function linkTo(State state, uint256 number) private pure {
        unchecked {
            state.setRegister(number, state.nextPc() + 4);
        }
    }

    function branch(State state, Word word, bool condition, bool likely) private pure {
        unchecked {
            uint256 next = state.nextPc();
            if (condition) {
                state.transfer(next, next + (uint256(word.signedImmediate()) << 2));
            } else if (likely) {
                state.transfer(next + 4, next + 8);
            } else {
                state.transfer(next, next + 4);
            }
        }
    }
}
