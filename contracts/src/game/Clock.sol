// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// A second of the blocks' clock. 40 bits last for 34,000 years.
type Timestamp is uint40;

/// Seconds that a side has used in a stage: at most Clock.MOST, since a move after the allowance reverts.
type Duration is uint24;

using {Clock.elapsed} for Timestamp global;
using {Clock.running, Clock.charged} for Duration global;

/// @dev A side that has used nothing.
Duration constant UNUSED = Duration.wrap(0);

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

    /// @dev The present second.
    function present() internal view returns (Timestamp) {
        return Timestamp.wrap(uint40(block.timestamp));
    }

    /// @dev Seconds from `since`, which has passed, to now.
    function elapsed(Timestamp since) internal view returns (uint256) {
        unchecked {
            return block.timestamp - Timestamp.unwrap(since);
        }
    }

    /// @dev What a side has used by now, its turn having begun at `since`. It may be more than any allowance, and than a Duration holds.
    function running(Duration used, Timestamp since) internal view returns (uint256) {
        unchecked {
            return Duration.unwrap(used) + since.elapsed();
        }
    }

    /// @dev The same at the end of a turn that was in time, which a Duration holds.
    function charged(Duration used, Timestamp since) internal view returns (Duration) {
        return Duration.wrap(uint24(running(used, since)));
    }
}
