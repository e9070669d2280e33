//! `POST /media/{app}`: have a sample uploaded, and get the handle by which a template names it.
//!
//! It comes as a form, as the body itself, or as a URL. Nothing of a file is held in memory.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::State;
use axum::{Extension, Json};
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use kabar_domain::catalogue::Locale;
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::reading::Node;
use kabar_domain::rule::Rule;
use kabar_engine::media::{Receiving, SampleError, UploadedSample};
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::door::{Caller, Door};
use crate::locale;
use crate::unswer::envelope::{Invalid, PROCESSED, Plain};
use crate::unswer::failure::Failure;

/// The field of a form, and the place in a fault, where the file is.
const FILE: &str = "file";
/// What a form may have beside the largest file: other fields, and its own lines.
const FORM_BYTES: u64 = 1024 * 1024;
/// A sender that sends nothing for so long is on no line that works.
const SILENCE: Duration = Duration::from_secs(20);
/// A sample that was uploaded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::Uploaded)]
pub(super) struct Uploaded {
    /// 200.
    status_code: u16,
    /// `OK`.
    code: &'static str,
    /// A sentence.
    message: &'static str,
    data: Sample,
}

/// What a template needs to know of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Sample)]
struct Sample {
    /// What stands in `example.header_handle` of a header.
    #[schema(example = "4::aW1hZ2UvcG5n:ARYpf…:e:1759093121:634974688087057:100089620928913:ARY…")]
    header_handle: String,
    /// Its type.
    #[schema(example = "image/png")]
    r#type: &'static str,
    /// How many bytes it has.
    #[schema(example = 48_213)]
    size_bytes: u64,
}

/// Where a sample is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::SampleUrl)]
pub(super) struct SampleUrl {
    /// An `http` or `https` URL from which the gateway fetches it.
    #[schema(example = "https://toko.example/foto/sepatu.png")]
    url: String,
}

/// The file itself, with its type in `Content-Type`.
#[derive(Debug, ToSchema)]
#[schema(as = unswer::SampleFile, value_type = String, format = Binary)]
#[expect(dead_code, reason = "it only describes the body")]
pub(super) struct SampleFile(Bytes);

/// A form with the file.
#[derive(Debug, ToSchema)]
#[schema(as = unswer::SampleForm)]
#[expect(dead_code, reason = "it only describes the form")]
pub(super) struct SampleForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Bytes,
}

/// Upload a sample
///
/// The file that a header shows to WhatsApp's reviewers: JPEG or PNG up to 5 MiB, MP4 up to 16 MiB, PDF up to 100 MiB. The
/// answer has the handle for `example.header_handle`.
#[utoipa::path(
    post,
    path = "/{app}",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("Accept-Language" = Option<String>, Header, description = "`en` for English sentences; Indonesian otherwise"),
    ),
    request_body(
        description = "A form with the field `file`, the file itself with its type, or a URL",
        content((SampleForm = "multipart/form-data"), (SampleUrl = "application/json"), (SampleFile = "image/png")),
    ),
    responses(
        (status = 200, body = Uploaded),
        (status = 400, body = Plain, description = "The body broke off, or is no form or JSON object as it says"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 422, body = Invalid, description = "What is wrong with the file or the URL"),
        (status = 429, body = Plain, description = "More requests than the app may make, or too many files at once"),
        (status = 500, body = Plain, description = "Something went wrong here, or WhatsApp did not answer"),
        (status = 501, body = Plain, description = "The gateway is not configured to upload files"),
    )
)]
pub(super) async fn upload(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Uploaded>, Failure> {
    let locale = locale::of(&headers, Locale::Indonesian);
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let incoming = Incoming { door: &door, caller: &caller, content_type };
    let outcome = match essence.as_str() {
        "multipart/form-data" => incoming.form(body).await,
        "application/json" => incoming.url(body).await,
        _ => incoming.file(body).await,
    };
    let sample = outcome.map_err(|refused| match refused {
        Refused::Unreadable => Failure::BadRequest,
        Refused::Sample(err) => Failure::of_sample(&err, &caller.app, locale),
    })?;
    let data = Sample { header_handle: sample.handle, r#type: sample.kind.mime(), size_bytes: sample.size_bytes };
    Ok(Json(Uploaded { status_code: 200, code: "OK", message: PROCESSED, data }))
}

/// Why a request brought no sample.
enum Refused {
    /// It broke off, or is not what it says.
    Unreadable,
    Sample(SampleError),
}

impl From<SampleError> for Refused {
    fn from(err: SampleError) -> Self {
        Self::Sample(err)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Sample(fault.into())
    }
}

/// A request with a sample in one of its forms.
struct Incoming<'a> {
    door: &'a Door,
    caller: &'a Caller,
    content_type: &'a str,
}

impl Incoming<'_> {
    /// The file is the body.
    async fn file(&self, body: Body) -> Result<UploadedSample, Refused> {
        let mut receiving = self.door.gateway.receive_sample(Path::root().key(FILE)).await?;
        receiving.declare(self.content_type);
        let file = read(receiving, &mut Source::Body(body.into_data_stream())).await?;
        self.put(file, "").await
    }

    /// The file is a field of a form.
    async fn form(&self, body: Body) -> Result<UploadedSample, Refused> {
        let boundary = multer::parse_boundary(self.content_type).map_err(|_| Refused::Unreadable)?;
        let limit = SizeLimit::new().whole_stream(Rule::SampleDocumentSize.max() as u64 + FORM_BYTES);
        let constraints = Constraints::new().size_limit(limit);
        let mut form = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
        while let Some(field) = in_time(form.next_field()).await?.map_err(|_| Refused::Unreadable)? {
            if field.name() != Some(FILE) {
                continue;
            }
            let mut receiving = self.door.gateway.receive_sample(Path::root().key(FILE)).await?;
            if let Some(mime) = field.content_type() {
                receiving.declare(mime.essence_str());
            }
            let name = field.file_name().unwrap_or_default().to_owned();
            let file = read(receiving, &mut Source::Field(Box::new(field))).await?;
            return self.put(file, &name).await;
        }
        Err(Fault::new(Path::root().key(FILE), Rule::Required).into())
    }

    /// The file is at a URL.
    async fn url(&self, body: Body) -> Result<UploadedSample, Refused> {
        let bytes = body::read(body, self.door.max_body_bytes).await.map_err(|_| Refused::Unreadable)?;
        let document: Value = serde_json::from_slice(&bytes).map_err(|_| Refused::Unreadable)?;
        if !document.is_object() {
            return Err(Refused::Unreadable);
        }
        let mut faults = Faults::none();
        let object = Node::root(&document).object(&mut faults);
        let url = object.as_ref().and_then(|object| {
            object.only("POST /media", &["url"], &mut faults);
            object.required_text("url", &mut faults)
        });
        match (url, faults.is_empty()) {
            (Some(url), true) => {
                Ok(self.door.gateway.fetch_sample(&self.caller.app, url.trim(), Path::root().key("url")).await?)
            }
            (Some(_) | None, _) => Err(SampleError::Faults(faults).into()),
        }
    }

    async fn put(&self, file: Receiving, name: &str) -> Result<UploadedSample, Refused> {
        let file = file.finish()?;
        Ok(self.door.gateway.upload_sample(&self.caller.app, &file, name).await?)
    }
}

/// Where the bytes of a file come from.
enum Source<'f> {
    Body(BodyDataStream),
    Field(Box<Field<'f>>),
}

impl Source<'_> {
    async fn piece(&mut self) -> Result<Option<Bytes>, Refused> {
        match self {
            Self::Body(body) => match in_time(body.frame()).await? {
                None => Ok(None),
                Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
                Some(Err(_)) => Err(Refused::Unreadable),
            },
            Self::Field(field) => in_time(field.chunk()).await?.map_err(|_| Refused::Unreadable),
        }
    }
}

/// Reads a file to its end, or to where it is certain that nothing can become of it.
async fn read(mut receiving: Receiving, source: &mut Source<'_>) -> Result<Receiving, Refused> {
    while let Some(piece) = source.piece().await? {
        if let Err(err) = receiving.take(piece).await {
            drop(receiving);
            read_away(source).await;
            return Err(err.into());
        }
    }
    Ok(receiving)
}

/// Reads the rest of a file that is already refused, as far as a good one could have gone: most programs look at an answer
/// only once all is sent.
async fn read_away(source: &mut Source<'_>) {
    let mut n_bytes = 0;
    while let Ok(Some(piece)) = source.piece().await {
        n_bytes += piece.len();
        if n_bytes > Rule::SampleDocumentSize.max() {
            return;
        }
    }
}

async fn in_time<T>(reading: impl Future<Output = T>) -> Result<T, Refused> {
    tokio::time::timeout(SILENCE, reading).await.map_err(|_| Refused::Unreadable)
}
