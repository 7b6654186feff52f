//! Finds, checks and loads plugins and adapts them to the framework's traits.
