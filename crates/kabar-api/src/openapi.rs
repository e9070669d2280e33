//! The document that describes both dialects, and the page to try them on.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The page brings all it needs; the styles within its pictures and elements are the page's own as well.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
    base-uri 'none'; frame-ancestors 'none'";

const ABOUT: &str = "A gateway for WhatsApp template messages. It speaks two dialects: `unswer` for templates, `oca` \
    for sending by them. What no dialect has words for is asked under `/v1`. All take the same access tokens.";

/// What the document says before the first path.
pub(crate) fn base() -> OpenApi {
    let bare = ApiKey::Header(ApiKeyValue::with_description(
        "Authorization",
        "The access token without a word before it, as the OCA page shows it",
    ));
    let components = ComponentsBuilder::new()
        .security_scheme(
            "bearer",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build()),
        )
        .security_scheme("bare", SecurityScheme::ApiKey(bare))
        .build();
    let tag = |name, about| TagBuilder::new().name(name).description(Some(about)).build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Kabar")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
                .build(),
        )
        .tags(Some([
            tag("oca", "Send by a template, and ask what became of the message. Scope `send`."),
            tag(
                "v1",
                "Kabar's own. All that is known of a message, to take it back, to send it once more: scope `send`. Where \
                the app is told what happens: scope `callbacks`. Errors are problem documents (RFC 9457), in English, or \
                in Indonesian with `Accept-Language: id`.",
            ),
            tag("unswer", "An app's templates. Scope `templates`. The same paths are served under `/api/v1` as well."),
        ]))
        .components(Some(components))
        .build()
}

/// Every answer of a dialect carries these headers, so they are written down in one place.
pub(crate) fn describe_headers(api: &mut OpenApi) {
    let header = |about: &str| {
        HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0))))
            .description(Some(about))
            .build()
    };
    let limits = [
        ("X-RateLimit-Limit", header("How many requests a second the app may make")),
        ("X-RateLimit-Remaining", header("How many of them may follow at once")),
        ("X-RateLimit-Reset", header("In how many seconds all of them may, rounded up")),
    ];
    let retry_after = header("How many seconds to wait before the next request");
    for operation in operations(api) {
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            for (name, header) in &limits {
                response.headers.insert((*name).to_owned(), header.clone().into());
            }
            if matches!(status.as_str(), "429" | "503") {
                response.headers.insert("Retry-After".to_owned(), retry_after.clone().into());
            }
        }
    }
}

/// An error's body, as the document shows it.
pub(crate) struct Sample {
    /// With which status it comes.
    pub(crate) status: StatusCode,
    /// From which operations; none named means all that have the status.
    pub(crate) operations: &'static [&'static str],
    /// What it is called among the samples of its status.
    pub(crate) name: &'static str,
    /// The body.
    pub(crate) body: Value,
}

/// Puts samples of errors to the answers that may have them. They are made from the errors themselves, so they are true.
pub(crate) fn describe_errors(api: &mut OpenApi, samples: &[Sample]) {
    for operation in operations(api) {
        let id = operation.operation_id.clone().unwrap_or_default();
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            let of_this = samples.iter().filter(|sample| {
                sample.status.as_str() == status
                    && (sample.operations.is_empty() || sample.operations.contains(&id.as_str()))
            });
            let examples: BTreeMap<String, RefOr<Example>> = of_this
                .map(|sample| (sample.name.to_owned(), ExampleBuilder::new().value(Some(sample.body.clone())).into()))
                .collect();
            for content in response.content.values_mut() {
                if let RefOr::T(content) = content {
                    content.examples.extend(examples.clone());
                }
            }
        }
    }
}

fn operations(api: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    api.paths.paths.values_mut().flat_map(|item| {
        [&mut item.get, &mut item.post, &mut item.put, &mut item.delete, &mut item.patch].into_iter().flatten()
    })
}

/// `/openapi.json`, and `/docs` to read and try it. Nothing is fetched from elsewhere.
pub(crate) fn routes(api: OpenApi) -> Router {
    let config = Config::default().validator_url("none").display_request_duration(true);
    let page: Router = SwaggerUi::new("/docs").url("/openapi.json", api).config(config).into();
    page.layer(from_fn(protect))
}

async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
