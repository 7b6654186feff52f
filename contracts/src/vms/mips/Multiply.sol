// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Word, signed} from "./Word.sol";

/// @title Multiplication and division (specs/mips.md, `multiply`)
library Multiply {
    /// @dev op 00, fn 10 … 13.
    function transfer(State state, Word word) internal pure {
        uint256 fn = word.fn();
        if (fn == 0x10) state.setRegister(word.rd(), state.high());
        else if (fn == 0x11) state.setHigh(state.register(word.rs()));
        else if (fn == 0x12) state.setRegister(word.rd(), state.low());
        else state.setLow(state.register(word.rs()));
    }

    /// @dev op 00, fn 18 … 1b.
    function multiply(State state, Word word) internal pure returns (uint256 fault) {
        uint256 fn = word.fn();
        if (fn > 0x19) return divide(state, word, fn == 0x1a);
        state.setHighLow(product(state, word, fn == 0x18));
    }

    /// @dev op 1c, fn 00, 01, 02, 04, 05.
    function accumulate(State state, Word word) internal pure {
        unchecked {
            uint256 fn = word.fn();
            if (fn == 0x02) {
                state.setRegister(word.rd(), product(state, word, false));
                return;
            }
            uint256 term = product(state, word, fn & 1 == 0);
            uint256 sum = state.high() << 32 | state.low();
            state.setHighLow(fn & 4 == 0 ? sum + term : sum - term);
        }
    }

    /// @dev The product modulo 2^256; its low 64 bits are those of the 64-bit product.
    function product(State state, Word word, bool isSigned) private pure returns (uint256) {
        unchecked {
            uint256 left = state.register(word.rs());
            uint256 right = state.register(word.rt());
            return isSigned ? uint256(signed(left) * signed(right)) : left * right;
        }
    }

    function divide(State state, Word word, bool isSigned) private pure returns (uint256 fault) {
        unchecked {
            uint256 left = state.register(word.rs());
            uint256 right = state.register(word.rt());
            if (right == 0) return Fault.DIVISION;
            if (isSigned) {
                state.setLow(uint256(signed(left) / signed(right)));
                state.setHigh(uint256(signed(left) % signed(right)));
            } else {
                state.setLow(left / right);
                state.setHigh(left % right);
            }
        }
    }
}
