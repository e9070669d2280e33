//! How messages are written in the dialect that they are sent by, for those who show a template and don't know that
//! dialect.

use kabar_domain::clock::Moment;
use kabar_domain::fault::{Faults, Path};
use kabar_domain::ids::TemplateCode;
use kabar_domain::send::{Spot, Values};
use kabar_domain::template::contract::Contract;
use serde_json::Value;

/// The dialect that messages are sent by.
pub(crate) trait Sending: Send + Sync {
    /// The path that a send is posted to.
    fn path(&self) -> &'static str;

    /// Reads the values for a template of this code: a whole body, or the list of them alone.
    fn read(&self, document: &Value, code: &TemplateCode) -> Given;

    /// The body that sends these values by this template to a sample recipient.
    fn body(&self, code: &TemplateCode, values: &Values) -> Value;

    /// The JSON Schema (2020-12) of a body for this template. `samples` are values that bind; texts among them stand in the
    /// schema as examples. What ends must end after `now`.
    fn schema(&self, code: &TemplateCode, contract: &Contract, samples: &Values, now: Moment) -> Value;
}

/// Values as they were given.
pub(crate) struct Given {
    /// What could not be read.
    pub(crate) faults: Faults,
    /// The values, as many as could be read; `None` where there is no list of them to speak of.
    pub(crate) values: Option<Values>,
    /// Where in the document a value stands.
    pub(crate) path_of: Box<dyn Fn(Spot) -> Path + Send + Sync>,
}
