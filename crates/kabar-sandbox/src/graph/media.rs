//! Files for messages: `POST /{number}/media` takes a form with one and answers with its id, `GET` and `DELETE /{id}` read
//! and forget it. The bytes are counted and let go.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::request::Parts;
use http::{Method, header};
use multer::Multipart;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::check::sent::Sent;
use crate::clock::rfc3339;
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::request::GraphCall;
use crate::world::World;
use crate::world::event::Event;
use crate::world::media::Media;
use crate::world::upload::checksum_of_nothing;

const MIB: u64 = 1 << 20;
/// Types of files, with the bytes that each may have.
const TYPES: [(&str, u64); 17] = [
    ("audio/aac", 16 * MIB),
    ("audio/mp4", 16 * MIB),
    ("audio/mpeg", 16 * MIB),
    ("audio/amr", 16 * MIB),
    ("audio/ogg", 16 * MIB),
    ("image/jpeg", 5 * MIB),
    ("image/png", 5 * MIB),
    ("video/mp4", 16 * MIB),
    ("video/3gpp", 16 * MIB),
    ("text/plain", 100 * MIB),
    ("application/pdf", 100 * MIB),
    ("application/msword", 100 * MIB),
    ("application/vnd.ms-excel", 100 * MIB),
    ("application/vnd.ms-powerpoint", 100 * MIB),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", 100 * MIB),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 100 * MIB),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", 100 * MIB),
];
/// Bytes of a field that is no file.
const MAX_FIELD_BYTES: usize = 256;

/// Whether a call brings a file for messages.
pub(crate) fn is_upload(call: &GraphCall) -> bool {
    call.method == Method::POST && matches!(call.segments.as_slice(), [_, edge] if edge == "media")
}

/// Takes a form with a file.
pub(crate) async fn take(
    sandbox: &Sandbox,
    parts: &Parts,
    phone_number_id: &str,
    body: Body,
) -> Result<Reply, GraphError> {
    let form = Form::read(parts, body).await?;
    if form.messaging_product.as_deref() != Some("whatsapp") {
        return Err(match form.messaging_product {
            None => GraphError::required("messaging_product"),
            Some(_) => GraphError::not_one_of("messaging_product", &["WHATSAPP"]),
        });
    }
    let file = form.file.ok_or_else(|| GraphError::required("file"))?;
    let mime_type = form.kind.or(file.declared).ok_or_else(|| GraphError::required("type"))?;
    let known = TYPES.iter().find(|(known, _)| *known == mime_type);
    let Some((mime_type, max)) = known else { return Err(wrong_type()) };
    if !looks_like(mime_type, &file.first) {
        return Err(wrong_type());
    }
    if file.n_bytes == 0 || file.n_bytes > *max {
        return Err(GraphError::parameter(format!("Param file must have 1 to {max} bytes for {mime_type}.")));
    }
    let mut world = sandbox.world();
    let media = Media {
        id: world.new_media_id(),
        phone_number_id: phone_number_id.to_owned(),
        mime_type: (*mime_type).to_owned(),
        n_bytes: file.n_bytes,
        checksum: file.checksum,
        created_at: sandbox.now_ms(),
    };
    let body = json!({"id": media.id});
    world.record(Event::Media(Box::new(media)));
    Ok(Reply { body, outcome: "uploaded" })
}

fn wrong_type() -> GraphError {
    let types: Vec<&str> = TYPES.iter().map(|(known, _)| *known).collect();
    GraphError::parameter(format!("Param file must be a file with one of the following types: {}.", types.join(", ")))
}

/// Whether the first bytes are those of a type, for the types that have such.
fn looks_like(mime_type: &str, first: &[u8]) -> bool {
    match mime_type {
        "image/jpeg" => first.starts_with(b"\xff\xd8\xff"),
        "image/png" => first.starts_with(b"\x89PNG"),
        "video/mp4" | "video/3gpp" => first.get(4..8) == Some(b"ftyp"),
        _ => true,
    }
}

#[derive(Default)]
struct Form {
    messaging_product: Option<String>,
    kind: Option<String>,
    file: Option<File>,
}

struct File {
    declared: Option<String>,
    first: Vec<u8>,
    n_bytes: u64,
    checksum: u64,
}

impl Form {
    async fn read(parts: &Parts, body: Body) -> Result<Self, GraphError> {
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = content_type.and_then(|value| multer::parse_boundary(value).ok());
        let boundary = boundary.ok_or_else(|| GraphError::parameter("The request must be multipart/form-data."))?;
        let cut_short = |_| GraphError::parameter("The form was cut short, or can't be read.");
        let mut parts = Multipart::new(body.into_data_stream(), boundary);
        let mut form = Self::default();
        while let Some(field) = parts.next_field().await.map_err(cut_short)? {
            match field.name().unwrap_or_default() {
                "file" => form.file = Some(File::read(field).await.map_err(cut_short)?),
                name @ ("messaging_product" | "type") => {
                    let name = name.to_owned();
                    let text = field.text().await.map_err(cut_short)?;
                    if text.len() > MAX_FIELD_BYTES {
                        return Err(GraphError::parameter(format!("Param {name} is too long.")));
                    }
                    if name == "type" { form.kind = Some(text) } else { form.messaging_product = Some(text) }
                }
                other => return Err(GraphError::unexpected_key(other, "the form")),
            }
        }
        Ok(form)
    }
}

impl File {
    async fn read(mut field: multer::Field<'_>) -> Result<Self, multer::Error> {
        let declared = field.content_type().map(|mime| mime.essence_str().to_owned());
        let mut file = Self { declared, first: Vec::new(), n_bytes: 0, checksum: checksum_of_nothing() };
        while let Some(chunk) = field.chunk().await? {
            for byte in &chunk {
                file.checksum = (file.checksum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
                if file.first.len() < 16 {
                    file.first.push(*byte);
                }
            }
            file.n_bytes += u64::try_from(chunk.len()).unwrap_or_default();
        }
        Ok(file)
    }
}

/// `GET /{id}` and `DELETE /{id}` of a file; with `phone_number_id` only if it is that number's.
pub(crate) fn on_file(sandbox: &Sandbox, call: &GraphCall, id: &str) -> Result<Reply, GraphError> {
    let mut world = sandbox.world();
    let now = sandbox.now_ms();
    let asker = call.text("phone_number_id");
    let media = world.media.get(id).filter(|media| {
        media.holds(now) && asker.as_ref().is_none_or(|phone_number_id| *phone_number_id == media.phone_number_id)
    });
    let Some(media) = media.cloned() else { return Err(GraphError::unsupported(call.method.as_str(), id)) };
    match call.method {
        Method::GET => Ok(Reply::ok(json!({
            "messaging_product": "whatsapp",
            "url": format!("{}/_sandbox/media/{id}", call.origin),
            "mime_type": media.mime_type,
            "file_size": media.n_bytes,
            "id": id,
        }))),
        Method::DELETE => {
            world.record(Event::MediaDeleted { id: id.to_owned() });
            Ok(Reply::success())
        }
        _ => Err(GraphError::unsupported(call.method.as_str(), id)),
    }
}

/// Refuses a send that names a file which its number does not have.
pub(crate) fn check_ids(world: &World, sent: &Sent<'_>, phone_number_id: &str, now: i64) -> Result<(), GraphError> {
    for parameter in sent.header.iter().flatten() {
        let id = parameter.value.and_then(|value| value.get("id")).and_then(Value::as_str);
        let is_media = matches!(parameter.kind, "image" | "video" | "gif" | "document");
        if let Some(id) = id.filter(|id| is_media && !world.takes_media(id, parameter.kind, phone_number_id, now)) {
            let text = format!(
                "Param {}['{}']['id'] is not a valid whatsapp business account media attachment ID",
                parameter.path, parameter.kind
            );
            tracing::info!(id, phone_number_id, "a message names a file that its number does not have");
            return Err(GraphError::parameter(text));
        }
    }
    sent.cards.iter().flatten().try_for_each(|card| check_ids(world, card, phone_number_id, now))
}

/// `GET /_sandbox/media`: the files that were uploaded for messages, oldest first, and how many messages name each.
pub(crate) async fn show(State(sandbox): State<Sandbox>) -> Json<Value> {
    let world = sandbox.world();
    let mut files: Vec<&Media> = world.media.values().collect();
    files.sort_by_key(|media| media.created_at);
    let naming = |id: &str| {
        let quoted = format!("\"{id}\"");
        let names = |components: &str| components.contains(&quoted);
        world.messages.iter().filter(|message| message.components.as_ref().is_some_and(|raw| names(raw.get()))).count()
    };
    let shown = files.iter().map(|media| {
        json!({
            "id": media.id,
            "phone_number_id": media.phone_number_id,
            "mime_type": media.mime_type,
            "file_size": media.n_bytes,
            "fnv1a64": format!("{:016x}", media.checksum),
            "created_at": rfc3339(media.created_at),
            "messages": naming(&media.id),
        })
    });
    Json(json!({ "media": shown.collect::<Vec<_>>() }))
}
