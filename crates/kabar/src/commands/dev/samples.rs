//! The sample templates of `kabar dev`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use kabar_domain::ids::AppId;
use kabar_domain::template::SAMPLE_NAMES;
use kabar_domain::template::draft::Draft;
use kabar_engine::Gateway;
use kabar_store::template::{StoredTemplate, Walk};
use serde_json::{Value, json};

/// An order update with two variables.
pub(super) const ORDER_UPDATE: &str = "pesanan_dikirim";
/// A login code.
pub(super) const LOGIN_CODE: &str = "kode_masuk";
/// An image header and buttons.
pub(super) const PROMOTION: &str = "promo_akhir_pekan";

/// How often is looked whether the templates are approved.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long the first look at the upstream may take.
const LONGEST_LOOK: Duration = Duration::from_secs(5);
/// After how many looks the upstream is asked, in case that its webhook was lost.
const ASK_EVERY: usize = 40;

fn drafts() -> [Value; 3] {
    [
        json!({
            "name": ORDER_UPDATE, "category": "UTILITY", "language": "id",
            "components": [
                {
                    "type": "BODY",
                    "text": "Halo {{1}}, pesanan Anda dengan nomor {{2}} sudah kami kirim hari ini.",
                    "example": { "body_text": [["Budi", "INV-2041"]] }
                },
                { "type": "FOOTER", "text": "Toko Kabar" }
            ]
        }),
        json!({
            "name": LOGIN_CODE, "category": "AUTHENTICATION", "language": "id",
            "components": [
                { "type": "BODY", "add_security_recommendation": true },
                { "type": "FOOTER", "code_expiration_minutes": 5 },
                { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE", "text": "Salin kode" }] }
            ]
        }),
        json!({
            "name": PROMOTION, "category": "MARKETING", "language": "id",
            "components": [
                {
                    "type": "HEADER", "format": "IMAGE",
                    "example": { "header_handle": ["4::aW1hZ2UvanBlZw==:contoh"] }
                },
                {
                    "type": "BODY",
                    "text": "Halo {{1}}, akhir pekan ini semua sepatu diskon {{2}} di toko kami.",
                    "example": { "body_text": [["Budi", "25%"]] }
                },
                {
                    "type": "BUTTONS",
                    "buttons": [
                        { "type": "QUICK_REPLY", "text": "Berhenti" },
                        {
                            "type": "URL", "text": "Lihat koleksi", "url": "https://toko.example/sepatu/{{1}}",
                            "example": ["https://toko.example/sepatu/lari"]
                        }
                    ]
                }
            ]
        }),
    ]
}

/// Creates the samples that are not there, has the sandbox approve them, and gives the code of each, the upstream's own
/// samples included, once all of them can be sent by.
pub(super) async fn ensure(
    gateway: &Gateway,
    app: &AppId,
    sandbox_url: &str,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut names: Vec<&str> = SAMPLE_NAMES.to_vec();
    // The sandbox may have been started anew since, and know none of them. One that does not answer is not waited for.
    drop(tokio::time::timeout(LONGEST_LOOK, gateway.sync_templates()).await);
    for body in drafts() {
        let draft = Draft::parse(&body).map_err(|faults| anyhow::anyhow!("a sample template is at fault: {faults}"))?;
        let name = draft.name.as_str().to_owned();
        if !known(gateway, app).await?.iter().any(|template| template.facts.name == name) {
            let created = gateway.create_template(app, draft).await.with_context(|| format!("the sample {name}"))?;
            approve(sandbox_url, created.id.as_str()).await?;
        }
    }
    names.extend([ORDER_UPDATE, LOGIN_CODE, PROMOTION]);
    wait_until_approved(gateway, app, &names).await
}

async fn known(gateway: &Gateway, app: &AppId) -> anyhow::Result<Vec<StoredTemplate>> {
    let mut templates = Vec::new();
    let mut walk = Walk::FromStart;
    loop {
        let page = gateway.template_page(app, walk, 100).await?;
        let last = page.items.last().map(|template| template.seq);
        templates.extend(page.items);
        match last {
            Some(seq) if page.has_after => walk = Walk::After(seq),
            Some(_) | None => return Ok(templates),
        }
    }
}

/// Decides the review by hand, since nobody should have to wait for samples; whatever way of reviewing was chosen stays
/// for all other templates.
async fn approve(sandbox_url: &str, template: &str) -> anyhow::Result<()> {
    let uri = format!("{sandbox_url}/_sandbox/templates/{template}/approve");
    let request = http::Request::post(uri).body(Bytes::new()).context("--sandbox-url")?;
    let client = kabar_outbound::Client::new(kabar_outbound::Options::default());
    let response = client.send(request).await.context("the sandbox did not answer")?;
    anyhow::ensure!(
        response.status.is_success(),
        "what answers at {sandbox_url} is not Kabar's sandbox: approving a template gave {}",
        response.status
    );
    Ok(())
}

async fn wait_until_approved(
    gateway: &Gateway,
    app: &AppId,
    names: &[&str],
) -> anyhow::Result<BTreeMap<String, String>> {
    for look in 1_usize.. {
        let templates = known(gateway, app).await?;
        let codes: BTreeMap<String, String> = templates
            .iter()
            .filter(|template| names.contains(&template.facts.name.as_str()))
            .filter(|template| template.facts.status.may_be_sent())
            .map(|template| (template.facts.name.clone(), template.code.to_string()))
            .collect();
        if names.iter().all(|name| codes.contains_key(*name)) {
            return Ok(codes);
        }
        tokio::time::sleep(LOOK_EVERY).await;
        if look % ASK_EVERY == 0 {
            gateway.sync_templates().await;
        }
    }
    anyhow::bail!("the sample templates were not approved")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_keep_the_rules() {
        for body in drafts() {
            Draft::parse(&body).unwrap();
        }
    }
}
