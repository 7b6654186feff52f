// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IStage, IVectorStage} from "../stages/IStage.sol";
import {Replay} from "../vms/Replay.sol";
import {Clock, Duration, Timestamp, UNUSED} from "./Clock.sol";
import {Moves, PHASE_NARROW, PHASE_OPEN, PHASE_REJECT, PHASE_REVEAL} from "./Moves.sol";
import {
    Claim,
    Context,
    LastPosition,
    NO_POSITION,
    Narrowed,
    Opened,
    Position,
    PositionHash,
    VERDICT_CLAIM,
    VERDICT_DEFENDER
} from "./Types.sol";

/// @dev The defender won: the disputed work is right.
uint8 constant OUTCOME_DEFENDER = 1;
/// @dev The challenger won: the disputed work is wrong.
uint8 constant OUTCOME_CHALLENGER = 2;
/// @dev The game ended without a verdict of its own, because its result's fate was decided elsewhere.
uint8 constant OUTCOME_CLOSED = 3;

/// @title The dispute game (specs/game.md)
/// @notice A game stores the hash of its position and its clocks. Players read events only: they carry every
/// claim and root that the other side needs, and what a position becomes follows from them (Moves).
/// @dev Stage contracts are called by STATICCALL with a fixed return size, and whatever reverts in them, running out of gas
/// included, reverts the move with its reason: no inner failure is ever recorded as a verdict.
abstract contract Game {
    /// A game's name as the two things that its hash is made of: reading them back from storage would cost more.
    struct GameId {
        bytes32 result;
        address challenger;
    }

    /// A game. Both words change in a move.
    struct State {
        /// NO_POSITION when there is no such game or it is over.
        PositionHash position;
        address defender;
        /// When the present turn began.
        Timestamp since;
        /// What each side has used in the present stage.
        Duration defenderUsed;
        Duration challengerUsed;
        /// log2 of the arity, shifted left by 4, and the index of the machine stage.
        uint8 shape;
    }

    /// @notice The address that may move for a party besides itself.
    mapping(address party => address) public delegateOf;
    /// @dev By keccak256(abi.encode(result, challenger)).
    mapping(bytes32 game => State) internal _games;
    /// @dev keccak256(result, stage, claim hash) → hash of what the first `open` established there.
    mapping(bytes32 place => bytes32) internal _openings;

    /// A party appointed the address that may also move for it.
    event DelegateSet(address indexed party, address delegate);
    /// A stage was opened.
    event StageOpened(bytes32 indexed game, Position position);
    /// Children, or states, were revealed: the position's phase is 3 and its `children` their hash.
    event Revealed(bytes32 indexed game, bytes32[] roots);
    /// The challenger named the first wrong child, or segment, of what was revealed last.
    event Rejected(bytes32 indexed game, uint256 child);
    /// The dispute moved to a part's claim, which begins the next stage.
    event StageNarrowed(bytes32 indexed game, Position position, Claim claim);
    /// The game is over; `outcome` is an OUTCOME constant.
    event Resolved(bytes32 indexed game, uint8 outcome, bool byTimeout);

    /// The position named is not the game's (or the game is over, when `stored` is zero).
    error NotThePosition(bytes32 game, PositionHash given, PositionHash stored);
    /// The position is in another phase than the move's.
    error WrongPhase(uint256 phase, uint256 needed);
    /// Only the party or its delegate makes this move.
    error NotTheMover(address sender, address party);
    /// The claim is not the position's.
    error NotTheClaim(bytes32 given, bytes32 stored);
    /// The mover's clock has run out: only `timeout` is left.
    error ClockRunOut(uint256 used, uint256 allowance);
    /// The clock has not run out yet.
    error ClockStillRuns(uint256 used, uint256 allowance);
    /// Another game on this result opened the same claim otherwise.
    error NotTheSharedOpening(bytes32 given, bytes32 shared);
    /// The machine stage ends with a step; it cannot narrow to a claim.
    error NoFurtherStage(uint256 stage);

    /// @notice Appoints the address that may also make the sender's moves; zero for none.
    function setDelegate(address delegate) external {
        delegateOf[msg.sender] = delegate;
        emit DelegateSet(msg.sender, delegate);
    }

    /// @notice A game's stored state.
    function gameOf(GameId calldata id) external view returns (State memory) {
        return _games[_hash(id)];
    }

    /// @notice The defender opens the stage: trace root, or length and end state, proven by `payload`.
    function open(GameId calldata id, Position calldata position, Claim calldata claim, bytes calldata payload)
        external
    {
        (bytes32 game, State storage state) = _turn(id, position, PHASE_OPEN);
        _onlyParty(state.defender);
        _checkClaim(claim, position.claim);
        (IStage stage, Context memory context) = _stage(id.result, position.stage, state.shape);
        Opened memory opened = stage.open(context, claim, payload);
        _share(keccak256(abi.encode(id.result, position.stage, position.claim)), keccak256(abi.encode(opened)));
        Position memory next = Moves.opened(position, opened);
        _advance(state, PHASE_OPEN, next);
        emit StageOpened(game, next);
    }

    /// @notice The defender reveals the children of the disputed subtree, or the states between agreed and disputed one.
    function reveal(GameId calldata id, Position calldata position, bytes32[] calldata roots) external {
        (bytes32 game, State storage state) = _turn(id, position, PHASE_REVEAL);
        _onlyParty(state.defender);
        (uint256 arity, bool machine) = _shape(state.shape, position.stage);
        _advance(state, PHASE_REVEAL, Moves.revealed(position, arity, machine, roots));
        emit Revealed(game, roots);
    }

    /// @notice The challenger names the first wrong child, or segment, among the revealed `roots`.
    function reject(GameId calldata id, Position calldata position, bytes32[] calldata roots, uint256 child) external {
        (bytes32 game, State storage state) = _turn(id, position, PHASE_REJECT);
        _onlyParty(id.challenger);
        (uint256 arity, bool machine) = _shape(state.shape, position.stage);
        _advance(state, PHASE_REJECT, Moves.rejected(position, arity, machine, roots, child));
        emit Rejected(game, child);
    }

    /// @notice Anyone proves what the one disputed part of a vector stage is: a claim for the next stage, or right, or wrong.
    function narrow(GameId calldata id, Position calldata position, Claim calldata claim, bytes calldata payload)
        external
    {
        (bytes32 game, State storage state) = _turn(id, position, PHASE_NARROW);
        _checkClaim(claim, position.claim);
        (uint256 arity, bool machine) = _shape(state.shape, position.stage);
        if (machine) revert NoFurtherStage(position.stage);
        Context memory context;
        context.arity = uint16(arity);
        IVectorStage stage = IVectorStage(address(_stageOf(id.result, position.stage)));
        Narrowed memory narrowed = stage.narrow(context, claim, position, payload);
        if (narrowed.verdict != VERDICT_CLAIM) {
            _conclude(id, game, narrowed.verdict == VERDICT_DEFENDER, false);
            return;
        }
        Position memory next = Moves.start(position.stage + 1, keccak256(abi.encode(narrowed.claim)));
        (state.since, state.defenderUsed, state.challengerUsed) = (Clock.present(), UNUSED, UNUSED);
        state.position = Moves.hash(next);
        emit StageNarrowed(game, next, narrowed.claim);
    }

    /// @notice Anyone replays the one disputed step of the machine, which ends the game. `last` is what the position says beside
    /// what a last position always says and the agreed state, which the witness gives.
    function step(GameId calldata id, LastPosition calldata last, bytes calldata witness) external {
        bytes32 game = _hash(id);
        State storage state = _games[game];
        uint256 stage = state.shape & 15;
        (bytes32 pre, bytes32 post) = Replay.step(_vmOf(id.result), witness);
        PositionHash given = Moves.hash(last, stage, pre);
        if (given != state.position) revert NotThePosition(game, given, state.position);
        _checkClock(state, id.result, stage, PHASE_NARROW);
        _conclude(id, game, post == last.disputed, false);
    }

    /// @notice Anyone ends a game in which the side to move has let its clock run out.
    function timeout(GameId calldata id, Position calldata position) external {
        (bytes32 game, State storage state) = _at(id, position);
        (uint256 used, uint256 allowance) = _clock(state, id.result, position.stage, position.phase);
        if (used <= allowance) revert ClockStillRuns(used, allowance);
        _conclude(id, game, position.phase == PHASE_REJECT, true);
    }

    /// @dev The contract of a stage of a result's model.
    function _stageOf(bytes32 result, uint256 stage) internal view virtual returns (IStage);

    /// @dev The machine of a result's model.
    function _vmOf(bytes32 result) internal view virtual returns (address);

    /// @dev The guest image of a result's model.
    function _imageOf(bytes32 result) internal view virtual returns (bytes32);

    /// @dev Seconds that each side has in a stage now.
    function _allowanceOf(bytes32 result, uint256 stage) internal view virtual returns (uint256);

    /// @dev What a verdict means for the result and the money; reverts when the result is no longer in play. The game is already
    /// over when this is called.
    function _settleGame(GameId calldata id, bool defenderWins) internal virtual;

    /// @dev Begins a game of the sender's at the result's own claim and gives its position.
    function _beginGame(bytes32 game, address defender, uint256 arity, uint256 lastStage, bytes32 claim)
        internal
        returns (Position memory position)
    {
        position = Moves.start(0, claim);
        uint256 log;
        while (arity >> log > 1) ++log;
        _games[game] = State({
            position: Moves.hash(position),
            defender: defender,
            since: Clock.present(),
            defenderUsed: UNUSED,
            challengerUsed: UNUSED,
            shape: uint8(log << 4 | lastStage)
        });
    }

    /// @dev Whether `position` is the game's present one.
    function _stands(GameId calldata id, Position calldata position) internal view returns (bool) {
        return _games[_hash(id)].position == Moves.hashSent(position);
    }

    /// @dev Whether there is no such game, or none any more.
    function _isOver(GameId calldata id) internal view returns (bool) {
        return _games[_hash(id)].position == NO_POSITION;
    }

    /// @dev Ends a game: its state says so before anything else happens.
    function _end(bytes32 game, uint8 outcome, bool byTimeout) internal {
        _games[game].position = NO_POSITION;
        emit Resolved(game, outcome, byTimeout);
    }

    function _hash(GameId calldata id) internal pure returns (bytes32 hash) {
        return _hash(id.result, id.challenger);
    }

    function _hash(bytes32 result, address challenger) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            mstore(0, result)
            mstore(0x20, challenger)
            hash := keccak256(0, 0x40)
        }
    }

    function _conclude(GameId calldata id, bytes32 game, bool defenderWins, bool byTimeout) private {
        _end(game, defenderWins ? OUTCOME_DEFENDER : OUTCOME_CHALLENGER, byTimeout);
        _settleGame(id, defenderWins);
    }

    function _at(GameId calldata id, Position calldata position)
        private
        view
        returns (bytes32 game, State storage state)
    {
        game = _hash(id);
        state = _games[game];
        PositionHash given = Moves.hashSent(position);
        if (given != state.position) revert NotThePosition(game, given, state.position);
    }

    function _turn(GameId calldata id, Position calldata position, uint256 phase)
        private
        view
        returns (bytes32 game, State storage state)
    {
        (game, state) = _at(id, position);
        if (position.phase != phase) revert WrongPhase(position.phase, phase);
        _checkClock(state, id.result, position.stage, phase);
    }

    function _checkClock(State storage state, bytes32 result, uint256 stage, uint256 phase) private view {
        (uint256 used, uint256 allowance) = _clock(state, result, stage, phase);
        if (used > allowance) revert ClockRunOut(used, allowance);
    }

    /// @dev The clock that runs. The allowance is looked up only when the least one is used up.
    function _clock(State storage state, bytes32 result, uint256 stage, uint256 phase)
        private
        view
        returns (uint256 used, uint256 allowance)
    {
        used = (phase == PHASE_REJECT ? state.challengerUsed : state.defenderUsed).running(state.since);
        allowance = Clock.LEAST;
        if (used > allowance) allowance = _allowanceOf(result, stage);
    }

    /// @dev Charges the turn to the side whose clock ran, and stores the next position of the same stage.
    function _advance(State storage state, uint256 phase, Position memory next) private {
        if (phase == PHASE_REJECT) state.challengerUsed = state.challengerUsed.charged(state.since);
        else state.defenderUsed = state.defenderUsed.charged(state.since);
        state.since = Clock.present();
        state.position = Moves.hash(next);
    }

    /// @dev The first `open` of a claim under a result fixes it for every game on that result.
    function _share(bytes32 place, bytes32 opening) private {
        bytes32 shared = _openings[place];
        if (shared == 0) _openings[place] = opening;
        else if (shared != opening) revert NotTheSharedOpening(opening, shared);
    }

    /// @dev A stage's contract and what it is told beside the claim; only the machine stage needs a machine.
    function _stage(bytes32 result, uint256 stage, uint256 packed)
        private
        view
        returns (IStage implementation, Context memory context)
    {
        (uint256 arity, bool machine) = _shape(packed, stage);
        implementation = _stageOf(result, stage);
        context.arity = uint16(arity);
        if (machine) (context.vm, context.image) = (_vmOf(result), _imageOf(result));
    }

    function _shape(uint256 packed, uint256 stage) private pure returns (uint256 arity, bool machine) {
        return (1 << (packed >> 4), stage == packed & 15);
    }

    function _checkClaim(Claim calldata claim, bytes32 stored) private pure {
        bytes32 given;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, claim, 0x60)
            given := keccak256(free, 0x60)
        }
        if (given != stored) revert NotTheClaim(given, stored);
    }

    function _onlyParty(address party) private view {
        if (msg.sender != party && msg.sender != delegateOf[party]) revert NotTheMover(msg.sender, party);
    }
}
