//! The platform's own checks: of a template that is created, and of a message that is sent by one.
//!
//! A new rule is a function in the module that it belongs to; each gives the error body that the platform gives.

pub(crate) mod authentication;
pub(crate) mod buttons;
pub(crate) mod carousel;
pub(crate) mod components;
pub(crate) mod keys;
pub(crate) mod languages;
pub(crate) mod placeholders;
pub(crate) mod send;
pub(crate) mod sent;
pub(crate) mod spec;
pub(crate) mod template;
pub(crate) mod text;
