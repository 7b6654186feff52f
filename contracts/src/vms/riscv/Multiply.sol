// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {State} from "./State.sol";
import {Word, signed} from "./Word.sol";

/// @title Multiplication and division (specs/riscv.md, `multiply`)
library Multiply {
    /// @dev opcode 33, funct7 01.
    function multiply(State state, Word word) internal pure {
        unchecked {
            uint256 funct3 = word.funct3();
            uint256 left = state.register(word.rs1());
            uint256 right = state.register(word.rs2());
            uint256 value;
            if (funct3 == 0) value = left * right;
            else if (funct3 == 1) value = uint256(signed(left) * signed(right)) >> 32;
            else if (funct3 == 2) value = uint256(signed(left) * int256(right)) >> 32;
            else if (funct3 == 3) value = left * right >> 32;
            else if (funct3 == 4) value = divide(left, right);
            else if (funct3 == 5) value = divideUnsigned(left, right);
            else if (funct3 == 6) value = remainder(left, right);
            else value = remainderUnsigned(left, right);
            state.setRegister(word.rd(), value);
        }
    }

    /// @dev The signed quotient, toward zero; all ones by zero.
    function divide(uint256 left, uint256 right) private pure returns (uint256) {
        unchecked {
            return right == 0 ? type(uint256).max : uint256(signed(left) / signed(right));
        }
    }

    /// @dev The unsigned quotient; all ones by zero.
    function divideUnsigned(uint256 left, uint256 right) private pure returns (uint256) {
        unchecked {
            return right == 0 ? type(uint256).max : left / right;
        }
    }

    /// @dev The remainder of the signed quotient; the dividend by zero.
    function remainder(uint256 left, uint256 right) private pure returns (uint256) {
        unchecked {
            return right == 0 ? left : uint256(signed(left) % signed(right));
        }
    }

    /// @dev The remainder of the unsigned quotient; the dividend by zero.
    function remainderUnsigned(uint256 left, uint256 right) private pure returns (uint256) {
        unchecked {
            return right == 0 ? left : left % right;
        }
    }
}
