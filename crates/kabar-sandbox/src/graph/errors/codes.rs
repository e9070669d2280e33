//! Every code of the platform with which a message or a template can be refused, as the wire has it.

/// What the platform says about one error code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) code: u32,
    pub(crate) http: u16,
    /// Stands in `message` behind the code, and in the `title` of a failed status.
    pub(crate) title: &'static str,
    /// Stands in `error_data.details` where the case has no detail of its own.
    pub(crate) details: &'static str,
}

/// Whether the platform has this code.
pub(crate) fn is_known(code: u32) -> bool {
    ROWS.iter().any(|row| row.code == code)
}

/// The row of `code`; a code without one reads as 131000.
pub(crate) fn row(code: u32) -> &'static Row {
    ROWS.iter().find(|row| row.code == code).unwrap_or(&UNKNOWN)
}

const UNKNOWN: Row = Row {
    code: 131_000,
    http: 500,
    title: "Something went wrong",
    details: "Message failed to send due to an unknown error.",
};

const fn of(code: u32, http: u16, title: &'static str, details: &'static str) -> Row {
    Row { code, http, title, details }
}

/// Titles are those seen in live answers where there are any, else the documented ones.
const ROWS: [Row; 74] = [
    of(100, 400, "Invalid parameter", "The request has a parameter that is not supported or misspelt."),
    of(130_429, 400, "Rate limit hit", "Cloud API message throughput has been reached."),
    of(130_472, 400, "User's number is part of an experiment", "Message was not sent as part of an experiment."),
    of(
        130_497,
        403,
        "Business account is restricted from messaging users in this country.",
        "The account may not send messages to this country.",
    ),
    UNKNOWN,
    of(131_008, 400, "Required parameter is missing", "The request is missing a required parameter."),
    of(131_009, 400, "Parameter value is not valid", "One or more parameter values are invalid."),
    of(131_016, 500, "Service unavailable", "A service is temporarily unavailable."),
    of(131_021, 400, "Recipient cannot be sender", "Sender and recipient phone number is the same."),
    of(131_026, 400, "Message undeliverable", "Message Undeliverable."),
    of(131_030, 400, "Recipient phone number not in allowed list", "The recipient is not on the test number's list."),
    of(
        131_047,
        400,
        "Re-engagement message",
        "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
    ),
    of(
        131_049,
        400,
        "This message was not delivered to maintain healthy ecosystem engagement.",
        "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    ),
    of(
        131_050,
        400,
        "User has stopped receipt of marketing messages.",
        "The recipient has stopped marketing messages from this business.",
    ),
    of(131_051, 400, "Unsupported message type", "Message type is currently not supported."),
    of(131_053, 400, "Media upload error", "The media of the message could not be uploaded."),
    of(
        131_056,
        400,
        "(Business Account, Consumer Account) pair rate limit hit",
        "Too many messages from this number to the same recipient in a short time.",
    ),
    of(
        132_000,
        400,
        "Number of parameters does not match the expected number of params",
        "The number of parameters differs from the template's.",
    ),
    of(132_001, 404, "Template name does not exist in the translation", "The template does not exist."),
    of(132_005, 400, "Translated text too long", "Translated text is too long."),
    of(
        132_012,
        400,
        "Parameter format does not match format in the created template",
        "A parameter has another format than the template's.",
    ),
    of(132_015, 400, "Template is Paused", "The template is paused because of its low quality."),
    of(132_016, 400, "Template is Disabled", "The template was paused too often and is disabled for good."),
    of(
        132_018,
        400,
        "There's an issue with the parameters in your template",
        "A parameter breaks a rule of the template.",
    ),
    of(133_004, 503, "Server Temporarily Unavailable", "Server is temporarily unavailable."),
    // From here on: never the sandbox's own judgement, only where a fault rule asks for them.
    of(0, 401, "AuthException", "The app's user could not be authenticated."),
    of(1, 400, "API Unknown", "The request is invalid, or the server failed."),
    of(2, 503, "API Service", "The service is down or overloaded for a moment."),
    of(3, 500, "API Method", "A capability or a permission is missing."),
    of(4, 400, "API Too Many Calls", "The app has used up its calls."),
    of(10, 403, "Permission Denied", "A permission was not granted, or was taken away."),
    of(33, 400, "Parameter value is not valid", "The business phone number was deleted."),
    of(104, 400, "Access token is required", "There is no access token."),
    of(190, 401, "Access token has expired", "The access token has expired."),
    of(192, 400, "Invalid phone number", "A phone number is not valid."),
    of(200, 403, "Provide valid app ID", "There is no access token."),
    of(368, 403, "Temporarily blocked for policies violations", "The account is restricted for breaking a policy."),
    of(613, 400, "Calls to this api have exceeded the rate limit", "The calls are over a rate limit of their own."),
    of(803, 404, "Unknown object", "The object does not exist."),
    of(80_007, 400, "Rate limit issues", "The account is over its rate limit."),
    of(
        80_008,
        400,
        "There have been too many calls to this WhatsApp Business account",
        "There were too many calls to this account.",
    ),
    of(
        80_012,
        400,
        "There have been too many calls to this message template",
        "There were too many calls to this template.",
    ),
    of(130_403, 400, "Business has blocked the user", "The business has blocked the recipient."),
    of(131_005, 403, "Access denied", "A permission was not granted, or was taken away."),
    of(131_031, 403, "Account has been locked", "The account is restricted or locked."),
    of(
        131_037,
        400,
        "WhatsApp provided number needs display name approval before message can be sent",
        "The number has no approved display name yet.",
    ),
    of(131_042, 400, "Business eligibility payment issue", "There is an issue with the payment method."),
    of(131_045, 500, "Incorrect certificate", "The number is not registered rightly."),
    of(131_048, 400, "Spam rate limit hit", "Too many earlier messages of this number were blocked or reported."),
    of(131_052, 400, "Media download error", "The media that the user sent could not be fetched."),
    of(131_055, 400, "Method not allowed", "Only marketing templates are supported here."),
    of(
        131_057,
        500,
        "Account in maintenance mode",
        "The account is in maintenance, for example while its throughput is raised.",
    ),
    of(131_062, 400, "Recipient not supported", "A login code cannot be sent to such a recipient."),
    of(131_063, 400, "Marketing templates are disabled", "Marketing templates are switched off for this account."),
    of(131_064, 400, "Messaging limit reached", "The account has reached its messaging limit."),
    of(132_007, 400, "Template Format Character Policy Violated", "The template's content breaks a policy."),
    of(132_068, 400, "Flow is blocked", "The flow is blocked."),
    of(132_069, 400, "Flow is throttled", "The flow is throttled and was sent often enough in this hour."),
    of(133_000, 500, "Incomplete Deregistration", "An earlier deregistration failed."),
    of(133_005, 400, "Two step verification PIN Mismatch", "The PIN is wrong."),
    of(133_006, 400, "Phone number re-verification needed", "The number must be verified before it is registered."),
    of(133_008, 400, "Too Many two step verification PIN Guesses", "The PIN was guessed too often."),
    of(133_009, 400, "Two step verification PIN Guessed Too Fast", "The PIN was guessed too fast."),
    of(133_010, 400, "Phone number Not Registered", "The number is not registered."),
    of(
        133_015,
        400,
        "Please wait a few minutes before attempting to register this phone number",
        "The number was deleted a moment ago; wait some minutes.",
    ),
    of(
        133_016,
        400,
        "Account register deregister rate limit exceeded",
        "The number was registered and deregistered too often.",
    ),
    of(
        134_011,
        400,
        "WhatsApp Payments terms of service has not been accepted",
        "The terms of payments were not accepted.",
    ),
    of(134_100, 400, "Only marketing messages supported", "Only marketing messages are supported here."),
    of(134_101, 400, "Your template is still syncing", "The template is still being synced; wait ten minutes."),
    of(134_102, 500, "Template unavailable for use", "The template cannot be used by this account."),
    of(135_000, 400, "Generic user error", "The request failed for an unknown reason."),
    of(137_000, 400, "Identity key mismatch", "The recipient's identity has changed."),
    of(139_200, 400, "Direct Send is not available", "Sending directly is not open to this account."),
    of(200_002, 400, "HSM Template creation failed", "The template could not be created."),
];

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn each_code_stands_once_in_the_table() {
        for row in &ROWS {
            assert_eq!(ROWS.iter().filter(|other| other.code == row.code).count(), 1, "{}", row.code);
            assert!(StatusCode::from_u16(row.http).is_ok());
        }
    }
}
