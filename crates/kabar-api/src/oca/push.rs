//! `POST /api/v2/push/message`: send one template message.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use http::{HeaderMap, HeaderName, HeaderValue};
use kabar_domain::catalogue::{Locale, sentence};
use kabar_domain::fault::{Fault, Faults};
use kabar_domain::ids::{AppId, TemplateCode};
use kabar_domain::send::SendRequest;
use kabar_engine::accept::{SendError, Sent};
use kabar_engine::room::NoRoom;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body::{self, Unread};
use crate::door::{Caller, Door};
use crate::locale;
use crate::oca::entry::{Entry, Repeat};
use crate::oca::failure::{Errors, Failure};
use crate::oca::read::{Reading, read};
use crate::oca::schema::{PushMessage, examples};
use crate::oca::terms;

/// The message is on disk, and will be sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::Accepted)]
pub(super) struct Accepted {
    /// By what to ask for it.
    #[schema(format = Uuid, example = "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01")]
    msgid: String,
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// There only if WhatsApp has turned the template since the app asked for it, and the app's guard lets the message go
    /// on: what has turned, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<String>,
}

/// The header of an answer whose message was there already. Other services call it so.
const REPEATED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Send one template message
///
/// The answer is given when the message is on disk. Everything that is wrong with the request is told at once.
#[utoipa::path(
    post,
    path = "/push/message",
    tag = "oca",
    security(("bearer" = []), ("bare" = [])),
    params(
        ("Accept-Language" = Option<String>, Header, description = "`id` for Indonesian sentences; English otherwise"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name of your own for this request, 1 to 255 \
            printable ASCII characters. The same request under the same name within 24 hours is answered with the first \
            `msgid`, and nothing more is sent"),
    ),
    request_body(content = PushMessage, examples(
        ("order" = (summary = "Text with two variables", value = json!(examples::order()))),
        ("greeting" = (summary = "Header text", value = json!(examples::greeting()))),
        ("picture" = (summary = "Header picture", value = json!(examples::picture()))),
        ("film" = (summary = "Header film", value = json!(examples::film()))),
        ("file" = (summary = "Document header and both kinds of button", value = json!(examples::everything()))),
        ("code" = (summary = "Login code; the button is filled from the text", value = json!(examples::login_code()))),
        ("names" = (summary = "Named variables", value = json!(examples::kind("named_variables")))),
        ("place" = (summary = "Header with a place", value = json!(examples::kind("location_header")))),
        ("gif" = (summary = "Header with a GIF", value = json!(examples::kind("gif_header")))),
        ("money" = (summary = "Money and dates in the text", value = json!(examples::kind("money_and_dates")))),
        ("coupon" = (summary = "Coupon to copy", value = json!(examples::kind("coupon")))),
        ("offer" = (summary = "Limited-time offer", value = json!(examples::kind("limited_time_offer")))),
        ("carousel" = (summary = "Carousel of pictures", value = json!(examples::kind("media_carousel")))),
        ("products_carousel" = (summary = "Carousel of products", value = json!(examples::kind("product_carousel")))),
        ("catalog" = (summary = "Catalogue", value = json!(examples::kind("catalog")))),
        ("products" = (summary = "Several products", value = json!(examples::kind("products")))),
        ("product" = (summary = "One product", value = json!(examples::kind("product")))),
        ("flow" = (summary = "Flow", value = json!(examples::kind("flow")))),
        ("call" = (summary = "Call button", value = json!(examples::kind("voice_call")))),
        ("order_details" = (summary = "Order to be paid", value = json!(examples::kind("order_details")))),
        ("order_status" = (summary = "Status of an order", value = json!(examples::kind("order_status")))),
        ("tap_target" = (summary = "Picture that opens a page", value = json!(examples::kind("tap_target")))),
    )),
    responses(
        (status = 200, body = Accepted),
        (status = 401, body = Errors, description = "Code 17, 43 or 45: no token that counts"),
        (status = 406, body = Errors, description = "Code 19: no `Authorization` header. Code 39: the body, `message` \
            has an entry for each fault. Code 59: no such template, or its status forbids sending. \
            Code 406: the recipient has stopped marketing"),
        (status = 409, body = Errors, description = "Code 409: the idempotency key belongs to another request"),
        (status = 429, body = Errors, description = "Code 9: more requests than the app may make"),
        (status = 500, body = Errors, description = "Code 13: nothing was accepted that was not answered"),
        (status = 503, body = Errors, description = "Code 503: too many messages wait, or the disk is nearly full"),
    )
)]
pub(super) async fn push(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<(HeaderMap, Json<Accepted>), Failure> {
    let locale = locale::of(&headers, Locale::English);
    let bytes = body::read(body, door.max_body_bytes).await.map_err(|unread| {
        Failure::Body(vec![Entry::of_body(match (unread, locale) {
            (Unread::TooLarge, Locale::English) => "The request body is too large",
            (Unread::TooLarge, Locale::Indonesian) => "Isi permintaan terlalu besar",
            (Unread::Broken, Locale::English) => "The request body broke off",
            (Unread::Broken, Locale::Indonesian) => "Isi permintaan terputus",
        })])
    })?;
    let mut document: Value = serde_json::from_slice(&bytes).map_err(|_| {
        Failure::Body(vec![Entry::of_body(match locale {
            Locale::English => "The request body is not valid JSON",
            Locale::Indonesian => "Isi permintaan bukan JSON yang valid",
        })])
    })?;
    let terms = terms::read(&headers, &mut document);
    let request = Request { door: &door, app: &caller.app, document: &document, locale };
    request.serve(read(&document), terms).await
}

/// A request whose body is JSON.
struct Request<'a> {
    door: &'a Door,
    app: &'a AppId,
    document: &'a Value,
    locale: Locale,
}

impl Request<'_> {
    async fn serve(&self, reading: Reading, terms: terms::Reading) -> Result<(HeaderMap, Json<Accepted>), Failure> {
        let Reading { faults, template, recipient, values, spelling } = reading;
        let terms::Reading { terms, faults: more, header } = terms;
        let faults = merged(&faults, &more);
        let path_of = |spot| spelling.path_of(spot);
        let gateway = &self.door.gateway;
        match (faults.is_empty() && header.is_none(), template, recipient, values) {
            (true, Some(template), Some(recipient), Some(values)) => {
                let code = template.clone();
                match gateway.send(self.app, SendRequest { template, recipient, values }, terms, &path_of).await {
                    Ok(sent) => Ok(accepted(&sent, self.locale)),
                    Err(err) => Err(self.refused(err, Some(&code))),
                }
            }
            // Nothing can be sent, but what the template has to say to the values is said as well.
            (_, template, _, values) => {
                let more = match (&template, &values) {
                    (Some(code), Some(values)) => match gateway.check(self.app, code, values, &path_of) {
                        Err(SendError::Faults(more)) => more,
                        Ok(()) | Err(_) => Faults::none(),
                    },
                    _ => Faults::none(),
                };
                let mut failure = self.faulty(&merged(&faults, &more), template.as_ref());
                if let (Failure::Body(entries), Some(fault)) = (&mut failure, &header) {
                    entries.insert(0, Entry::of_header(fault, self.locale));
                }
                Err(failure)
            }
        }
    }

    fn refused(&self, err: SendError, code: Option<&TemplateCode>) -> Failure {
        match err {
            SendError::Faults(faults) => self.faulty(&faults, code),
            SendError::UnknownTemplate => Failure::NoTemplate,
            SendError::NotApproved(status) => Failure::NotApproved(status),
            SendError::Drifted(turns) => Failure::Drifted(turns),
            SendError::KeyTaken => Failure::KeyTaken,
            SendError::Suppressed => Failure::Suppressed,
            SendError::NoRoom(why) => Failure::NoRoom(why),
            SendError::Store(kabar_store::Error::DiskFull) => Failure::NoRoom(NoRoom::DiskNearlyFull),
            SendError::NoSender | SendError::Store(_) => {
                tracing::error!(app = self.app.as_str(), "a message was not accepted: {err}");
                Failure::Internal
            }
        }
    }

    fn faulty(&self, faults: &Faults, code: Option<&TemplateCode>) -> Failure {
        let is_authentication = code.and_then(|code| self.door.gateway.is_authentication(self.app, code));
        let repeat = if is_authentication == Some(false) { Repeat::All } else { Repeat::NoValues };
        Failure::Body(Entry::all(faults, self.document, repeat, self.locale))
    }
}

fn accepted(sent: &Sent, locale: Locale) -> (HeaderMap, Json<Accepted>) {
    let mut headers = HeaderMap::new();
    if sent.repeated {
        headers.insert(REPEATED, HeaderValue::from_static("true"));
    }
    let warnings = sent.warnings.iter().map(|warning| sentence(warning, locale)).collect();
    (headers, Json(Accepted { msgid: sent.msgid.to_string(), success: true, warnings }))
}

/// Both kinds of fault together. Where the body could not be read, it is no news that what was read does not fit.
fn merged(unreadable: &Faults, unfit: &Faults) -> Faults {
    let news = unfit.iter().filter(|fault| unreadable.iter().all(|known| known.path != fault.path));
    let mut all = Faults::none();
    let both: Vec<&Fault> = unreadable.iter().chain(news).collect();
    for fault in both {
        all.push(fault.clone());
    }
    all
}

#[cfg(test)]
mod tests {
    use kabar_domain::fault::Path;
    use kabar_domain::rule::Rule;

    use super::*;

    #[test]
    fn a_place_that_could_not_be_read_is_told_once() {
        let fault = |key: &'static str, rule| Fault::new(Path::root().key(key), rule);
        let mut unreadable = Faults::none();
        unreadable.push(fault("a", Rule::Required));
        unreadable.push(fault("b", Rule::WrongType));
        let mut unfit = Faults::none();
        unfit.push(fault("b", Rule::ValueCount));
        unfit.push(fault("c", Rule::ValuesMissing));
        let rules: Vec<Rule> = merged(&unreadable, &unfit).iter().map(|fault| fault.rule).collect();
        assert_eq!(rules, [Rule::Required, Rule::WrongType, Rule::ValuesMissing]);
    }
}
