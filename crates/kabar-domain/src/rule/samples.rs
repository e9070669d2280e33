//! Rules of samples: the files that headers show to the upstream's reviewers.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live, Own};
use crate::rule::row::{Row, Topic};

const MIB: u32 = 1024 * 1024;
const SIZE_INDONESIAN: &str = "{field} terlalu besar: {kind} paling besar {most}";
const SIZE_ENGLISH: &str = "{field} is too large: {kind} files have at most {most}";

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Samples, rule, id, limits)
}

const fn size(rule: Rule, id: &'static str, limits: &'static str, max: u32) -> Row {
    row(rule, id, limits).most(max).from(Documented, "upstream documentation").says(SIZE_INDONESIAN, SIZE_ENGLISH)
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::SampleEmpty, "sample_empty", "A sample: a file that is not empty")
        .from(Own, "no header can show it")
        .says("{field} tidak berisi apa-apa", "{field} is empty"),
    row(
        Rule::SampleContent,
        "sample_content",
        "Content of a sample: JPEG or PNG, MP4, or PDF, as the header's format wants",
    )
    .subcode(2_388_084)
    .from(Live, "upstream documentation and error")
    .says("{field} berisi {found}; yang diterima di sini: {words}", "{field} is {found}; what is taken here: {words}"),
    row(Rule::SampleUnknown, "sample_unknown", "Content of a sample that is recognised by its first bytes")
        .subcode(2_388_084)
        .from(Live, "upstream documentation and error")
        .says(
            "{field} memuat isi yang tidak dikenali; yang diterima di sini: {words}",
            "{field} has content that is not recognised; what is taken here: {words}",
        ),
    row(Rule::SampleDeclared, "sample_declared", "The declared type of a sample: that of its content")
        .from(Own, "an upload with a wrong type gives a handle that is refused later")
        .says(
            "{field} dinyatakan sebagai {declared}, tetapi isinya {found}",
            "{field} is declared as {declared}, but its content is {found}",
        ),
    size(Rule::SampleImageSize, "sample_image_size", "Bytes of a picture", 5 * MIB),
    size(Rule::SampleVideoSize, "sample_video_size", "Bytes of a film", 16 * MIB),
    size(Rule::SampleGifSize, "sample_gif_size", "Bytes of the film of a GIF header", 7 * MIB / 2),
    size(Rule::SampleDocumentSize, "sample_document_size", "Bytes of a document", 100 * MIB),
    row(Rule::SampleAddress, "sample_address", "Where a sample is fetched: from addresses of the public internet")
        .from(Own, "so that nobody reaches the gateway's own network through it")
        .says(
            "{field} menunjuk ke alamat yang tidak boleh diakses gateway ini",
            "{field} leads to an address that this gateway must not call",
        ),
    row(Rule::SampleHost, "sample_host", "The host of a sample's URL: has an address")
        .from(Own, "what can't be fetched can't be uploaded")
        .says("{field}: server {host} tidak ditemukan", "{field}: the host {host} was not found"),
    row(
        Rule::SampleConnection,
        "sample_connection",
        "The server of a sample's URL: answers, over a valid TLS where it is https",
    )
    .from(Own, "what can't be fetched can't be uploaded")
    .says(
        "{field}: server tidak dapat dihubungi, atau memutus sambungan",
        "{field}: the server can't be reached, or broke off",
    ),
    row(Rule::SampleTime, "sample_time", "Seconds in which all samples of a request are fetched and uploaded")
        .most(60)
        .from(Own, "so that a slow server holds up nobody")
        .says(
            "{field} tidak selesai diambil dalam {max} detik",
            "{field} was not fetched and uploaded within {max} seconds",
        ),
    row(Rule::SampleStatus, "sample_status", "The answer at a sample's URL: 200")
        .from(Own, "what can't be fetched can't be uploaded")
        .says("{field}: server menjawab {status}, bukan 200", "{field}: the server answered {status}, not 200"),
    row(Rule::SampleRedirects, "sample_redirects", "Redirects on the way to a sample, each to an http or https URL")
        .most(3)
        .from(Own, "so that a fetch comes to an end")
        .says(
            "{field} dialihkan lebih dari {max} kali, atau ke alamat yang bukan URL",
            "{field} is redirected more than {max} times, or to what is no URL",
        ),
    row(
        Rule::SampleNotConfigured,
        "sample_not_configured",
        "Samples by URL: only where the gateway knows its Meta app",
    )
    .from(Own, "uploads belong to an app of the upstream")
    .says(
        "{field} adalah URL, dan gateway ini belum dapat mengunggah berkas: {setting} belum diatur",
        "{field} is a URL, and this gateway can't upload files yet: {setting} is not configured",
    ),
];
