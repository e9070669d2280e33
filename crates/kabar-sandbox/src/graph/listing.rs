//! `GET /{waba}/message_templates`: filters, pages, totals.
//!
//! The newest stand first. A cursor holds the place of a template in the order of creation, so a walk meets each template
//! once, whatever is created or deleted meanwhile.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::request::{GraphCall, encode};
use crate::graph::templates::attributes;
use crate::world::{Template, World};

const DEFAULT_LIMIT: usize = 25;
/// The platform's own maximum is not documented; above this the limit is taken as this.
const MAX_LIMIT: usize = 1_000;

/// Answers a page of an account's templates.
pub(crate) fn list(sandbox: &Sandbox, call: &GraphCall, waba_id: &str) -> Result<Reply, GraphError> {
    let filter = Filter::read(call)?;
    let limit = limit(call)?;
    let fields = call.fields();
    let (after, before) = (cursor(call, "after")?, cursor(call, "before")?);
    let world = sandbox.world();
    let page = Page::find(&world, waba_id, &filter, limit, after, before);
    let data = page.templates.iter().map(|template| attributes(template).select(fields.as_deref()));
    let mut body = json!({"data": data.collect::<Result<Vec<_>, _>>()?});
    if let Some(paging) = page.paging(call) {
        body["paging"] = paging;
    }
    let summary = call.list("summary").join(",");
    if !summary.is_empty() && summary != "false" {
        body["summary"] = totals(&world, waba_id, &filter, &summary);
    }
    Ok(Reply::ok(body))
}

struct Page<'a> {
    templates: Vec<&'a Template>,
    /// There are older ones behind the page.
    older: bool,
    /// There are newer ones before the page.
    newer: bool,
}

impl<'a> Page<'a> {
    fn find(
        world: &'a World,
        waba_id: &str,
        filter: &Filter,
        limit: usize,
        after: Option<u64>,
        before: Option<u64>,
    ) -> Self {
        let sequences = world.accounts.get(waba_id).map(|account| &account.templates);
        let in_order = || sequences.into_iter().flatten().filter_map(|sequence| world.templates.get(sequence));
        let matching = || in_order().filter(|template| filter.takes(template));
        let mut templates: Vec<&Template> = match before {
            // The nearest ones on the newer side, then turned round: the newest stands first.
            Some(before) => {
                let mut nearest: Vec<_> =
                    matching().filter(|template| template.sequence > before).take(limit).collect();
                nearest.reverse();
                nearest
            }
            None => {
                let older = |template: &&Template| after.is_none_or(|after| template.sequence < after);
                let mut all: Vec<_> = matching().filter(older).collect();
                all.reverse();
                all
            }
        };
        templates.truncate(limit);
        let beyond = |end: Option<&&Template>, is_beyond: fn(u64, u64) -> bool| {
            end.is_some_and(|end| matching().any(|template| is_beyond(template.sequence, end.sequence)))
        };
        let older = beyond(templates.last(), |other, oldest| other < oldest);
        let newer = beyond(templates.first(), |other, newest| other > newest);
        Self { templates, older, newer }
    }

    fn paging(&self, call: &GraphCall) -> Option<Value> {
        let (first, last) = (self.templates.first()?, self.templates.last()?);
        let (before, after) = (written(first.sequence), written(last.sequence));
        let mut paging = Map::new();
        if self.older {
            paging.insert("next".to_owned(), json!(link(call, "after", &after)));
        }
        if self.newer {
            paging.insert("previous".to_owned(), json!(link(call, "before", &before)));
        }
        paging.insert("cursors".to_owned(), json!({"before": before, "after": after}));
        Some(Value::Object(paging))
    }
}

/// The call's own address, with another cursor.
fn link(call: &GraphCall, key: &str, cursor: &str) -> String {
    let mut link = format!("{}/{}/{}?", call.origin, call.version, call.segments.join("/"));
    for (name, value) in call.query.iter().filter(|(name, _)| name != "after" && name != "before") {
        link.push_str(&encode(name));
        link.push('=');
        link.push_str(&encode(value));
        link.push('&');
    }
    link.push_str(key);
    link.push('=');
    link.push_str(cursor);
    link
}

#[derive(Debug)]
struct Filter {
    /// Parts of the name, of the texts, and of either.
    name: Option<String>,
    content: Option<String>,
    name_or_content: Option<String>,
    /// Each empty for all.
    statuses: Vec<String>,
    categories: Vec<String>,
    correct_categories: Vec<String>,
    languages: Vec<String>,
    qualities: Vec<String>,
    sources: Vec<String>,
    /// Seconds since 1970 between which it was last changed.
    since: Option<i64>,
    until: Option<i64>,
}

impl Filter {
    fn read(call: &GraphCall) -> Result<Self, GraphError> {
        let upper = |key: &str| call.list(key).iter().map(|text| text.to_ascii_uppercase()).collect();
        let part = |key: &str| call.text(key).filter(|part| !part.is_empty()).map(|part| part.to_lowercase());
        let seconds = |key: &str| match call.text(key).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(seconds) => Ok(Some(seconds)),
                Err(_) => Err(GraphError::parameter(format!("Param {key} must be a time in seconds since 1970."))),
            },
        };
        Ok(Self {
            name: part("name"),
            content: part("content"),
            name_or_content: part("name_or_content"),
            statuses: upper("status"),
            categories: upper("category"),
            correct_categories: upper("correct_category"),
            languages: call.list("language"),
            qualities: upper("quality_score"),
            sources: upper("source"),
            since: seconds("since")?,
            until: seconds("until")?,
        })
    }

    fn takes(&self, template: &Template) -> bool {
        let among = |set: &[String], value: &str| set.is_empty() || set.iter().any(|known| known == value);
        let life = &template.life;
        let correct = life.announced_category.as_ref().map_or("", |(category, _)| category.as_str());
        let changed = template.updated_at / 1000;
        let named = |part: &String| template.name.contains(part.as_str());
        let says = |part: &String| template.components.iter().any(|component| has_text(component, part));
        among(&self.statuses, template.status.as_str())
            && among(&self.categories, &template.category)
            && among(&self.correct_categories, correct)
            && among(&self.languages, &template.language)
            && among(&self.qualities, life.quality.as_str())
            && among(&self.sources, "MANUAL")
            && self.since.is_none_or(|since| since <= changed)
            && self.until.is_none_or(|until| changed <= until)
            && self.name.as_ref().is_none_or(named)
            && self.content.as_ref().is_none_or(says)
            && self.name_or_content.as_ref().is_none_or(|part| named(part) || says(part))
    }
}

/// Whether a component, or something in it, has a text with this part, which is in lower case.
fn has_text(component: &Value, part: &str) -> bool {
    let own = component["text"].as_str().is_some_and(|text| text.to_lowercase().contains(part));
    let inner = ["buttons", "cards", "components"].into_iter().filter_map(|key| component[key].as_array());
    own || inner.flatten().any(|inner| has_text(inner, part))
}

fn limit(call: &GraphCall) -> Result<usize, GraphError> {
    let Some(text) = call.text("limit") else { return Ok(DEFAULT_LIMIT) };
    match text.parse::<usize>() {
        Ok(limit) if limit > 0 => Ok(limit.min(MAX_LIMIT)),
        _ => Err(GraphError::parameter("Param limit must be a positive integer.")),
    }
}

fn written(sequence: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("AQHS{sequence:x}"))
}

fn cursor(call: &GraphCall, key: &str) -> Result<Option<u64>, GraphError> {
    let Some(text) = call.text(key).filter(|text| !text.is_empty()) else { return Ok(None) };
    let decoded = URL_SAFE_NO_PAD.decode(&text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let sequence = decoded.and_then(|text| u64::from_str_radix(text.strip_prefix("AQHS")?, 16).ok());
    match sequence.filter(|sequence| *sequence > 0) {
        Some(sequence) => Ok(Some(sequence)),
        None => Err(GraphError::parameter(format!("Invalid cursor in parameter {key}"))),
    }
}

fn totals(world: &World, waba_id: &str, filter: &Filter, asked: &str) -> Value {
    let sequences = world.accounts.get(waba_id).map(|account| &account.templates);
    let templates = || sequences.into_iter().flatten().filter_map(|sequence| world.templates.get(sequence));
    let mut totals = Map::new();
    for name in asked.split(',').map(str::trim) {
        let value = match name {
            "total_count" | "true" => json!(templates().filter(|template| filter.takes(template)).count()),
            "message_template_count" => json!(templates().count()),
            "message_template_limit" => json!(world.limits.max_templates()),
            "are_translations_complete" => json!(false),
            _ => continue,
        };
        totals.insert(if name == "true" { "total_count" } else { name }.to_owned(), value);
    }
    Value::Object(totals)
}
