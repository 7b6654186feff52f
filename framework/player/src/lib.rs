//! Proposer and challenger, playing through the Chain trait.
