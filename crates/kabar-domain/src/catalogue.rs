//! Sentences for people, in Indonesian and English, made from rules and their arguments.

use crate::fault::{Fault, Path, Step};

pub mod story;

/// A language that Kabar speaks to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    /// Indonesian.
    Indonesian,
    /// English.
    English,
}

impl Locale {
    /// The first of our languages in an `Accept-Language` header, by the order of its weights; `None` when it names neither.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q=").map(str::to_owned))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            let locale = match tag.split('-').next() {
                Some("id" | "in") => Self::Indonesian,
                Some("en") => Self::English,
                _ => continue,
            };
            if weight > 0.0 && best.is_none_or(|(top, _)| weight > top) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }
}

/// The sentence that tells a person what is wrong. What the fault has no argument for is the figure of its rule.
pub fn sentence(fault: &Fault, locale: Locale) -> String {
    let row = fault.rule.row();
    let figure = |figure: Option<u32>| figure.map(|figure| figure.to_string()).unwrap_or_default();
    let figures =
        [("min", figure(row.min)), ("max", figure(row.max)), ("per", figure(row.per)), ("words", row.words.join(", "))];
    let pattern = match locale {
        Locale::Indonesian => row.indonesian,
        Locale::English => row.english,
    };
    let field = label_of(&fault.path, locale);
    fill(pattern, |name| {
        // What people call the place, or its key to the letter where that is what is wrong with it.
        match name {
            "field" => return Some(field.as_str()),
            "key" => return Some(fault.path.field().unwrap_or_default()),
            _ => {}
        }
        let arg = fault.args.iter().find(|(arg, _)| *arg == name).map(|(_, value)| value.as_str());
        arg.or_else(|| figures.iter().find(|(figure, _)| *figure == name).map(|(_, value)| value.as_str()))
    })
}

/// Puts values where the pattern names them in braces; a name without a value stays as it is.
fn fill<'v>(pattern: &str, value_of: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut text = String::with_capacity(pattern.len() + 32);
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else { break };
        let name = &rest[open + 1..open + close];
        match value_of(name) {
            Some(value) => text.push_str(value),
            None => text.push_str(&rest[open..=open + close]),
        }
        rest = &rest[open + close + 1..];
    }
    text.push_str(rest);
    text
}

/// What people call the place: a field, or the element of a list.
fn label_of(path: &Path, locale: Locale) -> String {
    let label = label(path.field().unwrap_or_default(), locale);
    match (path.steps().last(), locale) {
        (Some(Step::Index(index)), Locale::Indonesian) => format!("Isi ke-{} dari {label}", index + 1),
        (Some(Step::Index(index)), Locale::English) => format!("Item {} of {label}", index + 1),
        (Some(Step::Key(_)) | None, _) => label,
    }
}

/// What people call a field; an unnamed one keeps its own spelling.
fn label(field: &str, locale: Locale) -> String {
    let found = LABELS.iter().find(|(name, _, _)| *name == field);
    match (found, locale) {
        (Some((_, indonesian, _)), Locale::Indonesian) => (*indonesian).to_owned(),
        (Some((_, _, english)), Locale::English) => (*english).to_owned(),
        (None, _) if field.is_empty() => match locale {
            Locale::Indonesian => "Isi permintaan".to_owned(),
            Locale::English => "The request body".to_owned(),
        },
        (None, _) => field.to_owned(),
    }
}

#[rustfmt::skip]
const LABELS: &[(&str, &str, &str)] = &[
    ("name", "Nama", "Name"),
    ("category", "Kategori", "Category"),
    ("sub_category", "Sub kategori", "Sub-category"),
    ("language", "Bahasa", "Language"),
    ("status", "Status", "Status"),
    ("components", "Komponen", "Components"),
    ("type", "Tipe", "Type"),
    ("format", "Format", "Format"),
    ("text", "Teks", "Text"),
    ("url", "URL", "URL"),
    ("expires_in", "Waktu tunggu", "Waiting time"),
    ("phone_number", "Nomor telepon", "Phone number"),
    ("flow_id", "ID flow", "Flow id"),
    ("buttons", "Tombol", "Buttons"),
    ("example", "Contoh", "Example"),
    ("header_text", "Contoh teks header", "Header text example"),
    ("body_text", "Contoh teks body", "Body text example"),
    ("header_handle", "Contoh media header", "Header media example"),
    ("file", "Berkas", "The file"),
    ("message", "Pesan", "Message"),
    ("template", "Template", "Template"),
    ("template_code_id", "Kode template", "Template code"),
    ("payload", "Payload", "Payload"),
    ("position", "Posisi", "Position"),
    ("parameters", "Daftar parameter", "Parameter list"),
    ("sub_types", "Jenis tombol", "Button kind"),
    ("sub_type", "Jenis tombol", "Button kind"),
    ("index", "Index", "Index"),
    ("image", "Gambar", "Image"),
    ("video", "Video", "Video"),
    ("document", "Dokumen", "Document"),
    ("caption", "Keterangan", "Caption"),
    ("ttl", "TTL", "TTL"),
    ("message_send_ttl_seconds", "TTL", "TTL"),
    ("parameter_format", "Format variabel", "Parameter format"),
    ("display_format", "Format tampilan", "Display format"),
    ("cards", "Kartu", "Cards"),
    ("limited_time_offer", "Penawaran", "The offer"),
    ("has_expiration", "Tanda kedaluwarsa", "The expiration switch"),
    ("header_text_named_params", "Contoh teks header", "Header text example"),
    ("body_text_named_params", "Contoh teks body", "Body text example"),
    ("param_name", "Nama variabel", "Variable name"),
    ("autofill_text", "Teks isi otomatis", "Autofill text"),
    ("supported_apps", "Daftar aplikasi", "App list"),
    ("package_name", "Nama paket", "Package name"),
    ("signature_hash", "Hash tanda tangan", "Signature hash"),
    ("zero_tap_terms_accepted", "Persetujuan zero-tap", "Acceptance of the zero-tap terms"),
    ("flow_action", "Aksi flow", "Flow action"),
    ("icon", "Ikon", "Icon"),
    ("add_security_recommendation", "Anjuran keamanan", "Security line"),
    ("code_expiration_minutes", "Masa berlaku kode", "Code expiration"),
    ("otp_type", "Jenis OTP", "OTP type"),
    ("parameter_name", "Nama variabel", "Variable name"),
    ("fallback_value", "Teks pengganti", "Fallback text"),
    ("code", "Kode", "Code"),
    ("id", "ID", "Id"),
    ("gif", "GIF", "GIF"),
    ("location", "Lokasi", "Location"),
    ("latitude", "Garis lintang", "Latitude"),
    ("longitude", "Garis bujur", "Longitude"),
    ("address", "Alamat", "Address"),
    ("product", "Produk", "Product"),
    ("product_retailer_id", "ID produk", "Product id"),
    ("catalog_id", "ID katalog", "Catalogue id"),
    ("thumbnail_product_retailer_id", "ID produk untuk gambar", "Thumbnail product id"),
    ("sections", "Daftar bagian", "Sections"),
    ("product_items", "Daftar produk", "Products"),
    ("title", "Judul", "Title"),
    ("coupon_code", "Kode kupon", "Coupon code"),
    ("expiration_time_ms", "Akhir penawaran", "The end of the offer"),
    ("timestamp", "Waktu berakhir", "The end"),
    ("card_index", "Index kartu", "Card index"),
    ("action", "Aksi", "Action"),
    ("flow_token", "Token flow", "Flow token"),
    ("flow_action_data", "Data flow", "Flow data"),
    ("ttl_minutes", "Lama panggilan", "Call duration"),
    ("order_details", "Rincian pesanan", "Order details"),
    ("order_status", "Status pesanan", "Order status"),
    ("order", "Pesanan", "The order"),
    ("items", "Daftar barang", "Items"),
    ("quantity", "Jumlah barang", "Quantity"),
    ("currency", "Mata uang", "Currency"),
    ("amount_1000", "Jumlah uang", "Amount"),
    ("date_time", "Tanggal", "Date"),
    ("tap_target_configuration", "Tujuan ketukan", "Tap target"),
    ("reference_id", "Nomor rujukan", "Reference"),
    ("total_amount", "Jumlah seluruhnya", "Total amount"),
    ("subtotal", "Subtotal", "Subtotal"),
    ("events", "Daftar event", "Event list"),
    ("description", "Keterangan", "Description"),
    ("signing", "Cara tanda tangan", "Way of signing"),
    ("overlap_hours", "Masa kunci lama", "Overlap of the keys"),
    ("from", "Waktu awal", "Start time"),
    ("to", "Waktu akhir", "End time"),
    ("recipient", "Nomor penerima", "Recipient"),
    ("sender", "Pengirim", "Sender"),
    ("error", "Kode galat", "Error code"),
    ("limit", "Jumlah per halaman", "Page size"),
    ("after", "Kursor", "Cursor"),
    ("state", "Keadaan", "State"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rule::{Rule, TABLE};

    fn names(pattern: &str) -> BTreeSet<&str> {
        pattern.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn both_sentences_of_a_rule_name_the_same_arguments() {
        for row in TABLE {
            assert_eq!(names(row.indonesian), names(row.english), "{:?}", row.rule);
            assert_ne!(row.indonesian, row.english, "{:?}", row.rule);
        }
    }

    #[test]
    fn the_vendors_own_sentence_comes_out_to_the_letter() {
        let path = Path::root().key("components").index(0).key("buttons").index(0).key("phone_number");
        let fault = Fault::new(path, Rule::ButtonPhone);
        assert_eq!(sentence(&fault, Locale::Indonesian), "Nomor telepon harus ber-tipe data number");
        assert_eq!(sentence(&fault, Locale::English), "Phone number must be of type number");
    }

    #[test]
    fn an_element_of_a_list_is_named_by_its_place() {
        let fault = Fault::new(Path::root().key("components").index(6), Rule::WrongType).with("type", "object");
        assert_eq!(sentence(&fault, Locale::English), "Item 7 of Components must be of type object");
        assert_eq!(sentence(&fault, Locale::Indonesian), "Isi ke-7 dari Komponen harus ber-tipe data object");
    }

    #[test]
    fn a_field_that_is_not_there_is_named_as_it_was_written() {
        let path = Path::root().key("components").index(2).key("text");
        let fault = Fault::new(path, Rule::UnexpectedField).with("part", "BUTTONS");
        assert_eq!(sentence(&fault, Locale::English), "BUTTONS has no field named text");
        assert_eq!(sentence(&fault, Locale::Indonesian), "BUTTONS tidak punya isian bernama text");
    }

    #[test]
    fn arguments_are_filled_and_braces_in_them_stay() {
        let fault = Fault::new(Path::root().key("text"), Rule::PlaceholderForm).with("found", "{{x}}");
        assert_eq!(sentence(&fault, Locale::English), "Text has double braces that are no numbered variable: {{x}}");
    }

    #[test]
    fn the_language_is_chosen_by_weight() {
        let cases = [
            ("en", Some(Locale::English)),
            ("id-ID,id;q=0.9,en;q=0.8", Some(Locale::Indonesian)),
            ("fr, id;q=0.2, en-GB;q=0.7", Some(Locale::English)),
            ("en;q=0, id;q=0.1", Some(Locale::Indonesian)),
            ("fr-FR", None),
            ("", None),
        ];
        for (header, expected) in cases {
            assert_eq!(Locale::from_accept_language(header), expected, "{header}");
        }
    }
}
