// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "./Fault.sol";
import {State} from "./State.sol";
import {Word, bit, signed} from "./Word.sol";

/// @title Arithmetic and logic (specs/mips.md, `alu`)
library Alu {
    /// @dev op 08 … 0f.
    function immediate(State state, Word word) internal pure returns (uint256 fault) {
        unchecked {
            uint256 op = word.op();
            uint256 left = state.register(word.rs());
            int256 right = word.signedImmediate();
            uint256 value;
            if (op == 0x09) {
                value = left + uint256(right);
            } else if (op == 0x08) {
                int256 sum = signed(left) + right;
                if (overflows(sum)) return Fault.OVERFLOW;
                value = uint256(sum);
            } else if (op == 0x0a) {
                value = bit(signed(left) < right);
            } else if (op == 0x0b) {
                value = bit(left < uint256(uint32(int32(right))));
            } else if (op == 0x0c) {
                value = left & word.immediate();
            } else if (op == 0x0d) {
                value = left | word.immediate();
            } else if (op == 0x0e) {
                value = left ^ word.immediate();
            } else {
                value = word.immediate() << 16;
            }
            state.setRegister(word.rt(), value);
        }
    }

    /// @dev op 00, fn 0a, 0b, 20 … 27, 2a, 2b.
    function register(State state, Word word) internal pure returns (uint256 fault) {
        unchecked {
            uint256 fn = word.fn();
            uint256 left = state.register(word.rs());
            uint256 right = state.register(word.rt());
            uint256 value;
            if (fn == 0x21) {
                value = left + right;
            } else if (fn == 0x23) {
                value = left - right;
            } else if (fn == 0x24) {
                value = left & right;
            } else if (fn == 0x25) {
                value = left | right;
            } else if (fn == 0x26) {
                value = left ^ right;
            } else if (fn == 0x27) {
                value = ~(left | right);
            } else if (fn == 0x2a) {
                value = bit(signed(left) < signed(right));
            } else if (fn == 0x2b) {
                value = bit(left < right);
            } else if (fn == 0x0a) {
                if (right != 0) return Fault.NONE;
                value = left;
            } else if (fn == 0x0b) {
                if (right == 0) return Fault.NONE;
                value = left;
            } else {
                int256 sum = fn == 0x20 ? signed(left) + signed(right) : signed(left) - signed(right);
                if (overflows(sum)) return Fault.OVERFLOW;
                value = uint256(sum);
            }
            state.setRegister(word.rd(), value);
        }
    }

    function overflows(int256 number) private pure returns (bool) {
        return number != signed(uint256(number));
    }
}
