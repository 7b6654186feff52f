// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title How long a side has in a stage (specs/money.md)
library Clock {
    /// @dev No allowance is less.
    uint256 internal constant LEAST = 10 minutes;
    /// @dev No allowance is more; it fits 24 bits.
    uint256 internal constant MOST = 180 days;

    /// @dev Seconds, with `games` games ever opened on the task.
    function allowance(uint256 base, uint256 unit, uint256 games) internal pure returns (uint256 seconds_) {
        seconds_ = base + unit * (games - 1);
        if (seconds_ > MOST) seconds_ = MOST;
    }
}
