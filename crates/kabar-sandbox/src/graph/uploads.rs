//! Uploading samples: a session is opened, the bytes come in one call or in several, each from where the last one ended,
//! and the last one is answered with a handle. The bytes are counted and let go.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::check::keys::one_of;
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::request::GraphCall;
use crate::random;
use crate::world::event::Event;
use crate::world::upload::{HOLDS_MS, USER, Upload, checksum_of_nothing};

/// What the name of a session begins with.
pub(crate) const PREFIX: &str = "upload:";
/// Types of files, with the bytes that each may have.
const TYPES: [(&str, u64); 5] = [
    ("application/pdf", 100 << 20),
    ("image/jpeg", 5 << 20),
    ("image/jpg", 5 << 20),
    ("image/png", 5 << 20),
    ("video/mp4", 16 << 20),
];
/// The outcome of a call that was broken off on purpose: it gets no answer.
pub(crate) const BROKEN: &str = "broken off on purpose";

/// `POST /{app}/uploads`: opens a session.
pub(crate) fn open(sandbox: &Sandbox, call: &GraphCall, app_id: &str) -> Result<Reply, GraphError> {
    call.check_readable()?;
    let text = |key: &str| call.text(key).filter(|text| !text.is_empty()).ok_or_else(|| GraphError::required(key));
    let file_type = one_of(&text("file_type")?, &TYPES.map(|(known, _)| known), "file_type")?;
    let n_bytes = text("file_length")?.parse::<u64>().ok().filter(|n_bytes| *n_bytes > 0);
    let n_bytes = n_bytes.ok_or_else(|| GraphError::parameter("Param file_length must be a positive integer."))?;
    let max = TYPES.iter().find(|(known, _)| *known == file_type).map_or(0, |(_, max)| *max);
    if n_bytes > max {
        return Err(GraphError::parameter(format!("Param file_length must be at most {max} for {file_type}.")));
    }
    let token = random::trace_id();
    let session = URL_SAFE_NO_PAD.encode(format!("attachment:{token}"));
    let upload = Upload {
        signature: format!("ARZ{:016x}", random::hash(&token, 13)),
        session,
        app_id: app_id.to_owned(),
        file_name: call.text("file_name").unwrap_or_default(),
        file_type: file_type.to_owned(),
        n_bytes,
        offset: 0,
        checksum: checksum_of_nothing(),
        n_calls: 0,
        created_at: sandbox.now_ms(),
        handle: None,
    };
    let id = name(&upload);
    sandbox.world().record(Event::Upload(Box::new(upload)));
    Ok(Reply { body: json!({"id": id}), outcome: "opened" })
}

fn name(upload: &Upload) -> String {
    format!("{PREFIX}{}?sig={}", upload.session, upload.signature)
}

/// The upload that a call names, if the session still holds.
fn find(sandbox: &Sandbox, call: &GraphCall) -> Result<Upload, GraphError> {
    let segment = call.segments.first().map(String::as_str).unwrap_or_default();
    let session = segment.strip_prefix(PREFIX).unwrap_or_default();
    // The whole name may also come as one, with its question mark escaped.
    let (session, signature) = match session.split_once("?sig=") {
        Some((session, signature)) => (session, Some(signature.to_owned())),
        None => (session, call.text("sig")),
    };
    let now = sandbox.now_ms();
    let upload = sandbox.world().uploads.get(session).cloned();
    let upload = upload.filter(|upload| signature.as_deref() == Some(upload.signature.as_str()) && upload.holds(now));
    upload.ok_or_else(|| GraphError::unsupported(call.method.as_str(), segment))
}

/// `GET /upload:…`: how far the upload has come.
pub(crate) fn progress(sandbox: &Sandbox, call: &GraphCall) -> Result<Reply, GraphError> {
    let upload = find(sandbox, call)?;
    Ok(Reply::ok(json!({"id": name(&upload), "file_offset": upload.offset})))
}

/// `POST /upload:…`: takes bytes. What has arrived when the caller goes away is kept.
pub(crate) async fn take(
    sandbox: &Sandbox,
    call: &GraphCall,
    file_offset: Option<&str>,
    body: Body,
) -> Result<Reply, GraphError> {
    let upload = find(sandbox, call)?;
    let offset = file_offset.unwrap_or("0").parse::<u64>();
    if offset != Ok(upload.offset) {
        let message = format!("Param file_offset must be {}, as so many bytes have arrived.", upload.offset);
        return Err(GraphError::parameter(message));
    }
    let broken = Reply { body: Value::Null, outcome: BROKEN };
    let mut bytes_to_break = sandbox.world().upload_breaks.pop_front();
    let mut arrived = Arrived { sandbox, upload };
    arrived.upload.n_calls += 1;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            return Err(GraphError::parameter("The upload was cut short."));
        };
        let n_bytes = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if arrived.upload.offset.saturating_add(n_bytes) > arrived.upload.n_bytes {
            let message = format!("The file has more bytes than the {} of its session.", arrived.upload.n_bytes);
            return Err(GraphError::parameter(message));
        }
        if let Some(left) = &mut bytes_to_break {
            if n_bytes > *left {
                arrived.upload.take(&chunk[..usize::try_from(*left).unwrap_or_default()]);
                return Ok(broken);
            }
            *left -= n_bytes;
        }
        arrived.upload.take(&chunk);
    }
    if bytes_to_break.is_some() {
        return Ok(broken);
    }
    let upload = &mut arrived.upload;
    if upload.offset < upload.n_bytes {
        return Ok(Reply { body: json!({"id": name(upload), "file_offset": upload.offset}), outcome: "continued" });
    }
    let handle =
        upload.handle.get_or_insert_with(|| handle(&upload.file_type, &upload.app_id, sandbox.now_ms())).clone();
    Ok(Reply { body: json!({"h": handle}), outcome: "uploaded" })
}

/// Writes down how far an upload has come, however it ends.
struct Arrived<'a> {
    sandbox: &'a Sandbox,
    upload: Upload,
}

impl Drop for Arrived<'_> {
    fn drop(&mut self) {
        let mut world = self.sandbox.world();
        // Of two calls at once the one that has come further counts.
        let known = world.uploads.get(&self.upload.session);
        if known.is_none_or(|known| known.offset <= self.upload.offset && known.handle.is_none()) {
            world.record(Event::Upload(Box::new(self.upload.clone())));
        }
    }
}

/// A handle in the platform's layout: type, expiry, app, user, and what looks like a signature.
fn handle(file_type: &str, app_id: &str, now: i64) -> String {
    let expires = now.saturating_add(HOLDS_MS) / 1000;
    let (id, signature) = (random::trace_id(), random::trace_id());
    format!("4::{}:ARY{id}:e:{expires}:{app_id}:{USER}:ARY{signature}", STANDARD.encode(file_type))
}
