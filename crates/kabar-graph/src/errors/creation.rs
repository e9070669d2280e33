use super::CreationError;

/// One row is: subcode, code, Meta's title; our sentence in English; in Indonesian.
macro_rules! rows {
    ($($subcode:literal, $code:literal, $title:literal; $meaning:literal; $meaning_id:literal;)*) => {
        &[$(CreationError {
            subcode: $subcode,
            code: $code,
            title: $title,
            meaning: $meaning,
            meaning_id: $meaning_id,
        }),*]
    };
}

pub(super) static CREATION_ERRORS: &[CreationError] = rows! {
    2388019, 100, "Message Template Limit Exceeded";
        "The account has as many templates as it may have.";
        "Jumlah template akun sudah mencapai batas.";
    2388023, 100, "Message template language is being deleted";
        "This name was used in this language by a template that was deleted less than 30 days ago.";
        "Nama ini dipakai dalam bahasa yang sama oleh template yang dihapus kurang dari 30 hari lalu.";
    2388024, 100, "Content in This Language Already Exists";
        "There is a template of this name in this language already.";
        "Template dengan nama dan bahasa ini sudah ada.";
    2388039, 100, "Message template status can't be changed";
        "A template in its present status can't be edited.";
        "Template dengan status saat ini tidak bisa diubah.";
    2388040, 100, "Character limit exceeded";
        "One of the texts is too long.";
        "Salah satu teks terlalu panjang.";
    2388042, 100, "Message template \"components\" param contains unexpected field(s)";
        "A component has a field that it may not have.";
        "Ada komponen yang berisi isian yang tidak diizinkan.";
    2388043, 100, "Message template \"components\" param is missing expected field(s)";
        "A component lacks a field that it must have, often the examples of its variables.";
        "Ada komponen yang kekurangan isian wajib, sering kali contoh untuk variabelnya.";
    2388046, 100, "Name Format is Incorrect";
        "The name may have only small letters, digits and underscores.";
        "Nama hanya boleh berisi huruf kecil, angka, dan garis bawah.";
    2388047, 100, "Message header format is incorrect";
        "The header may have no line breaks, emoji, asterisks or other formatting.";
        "Header tidak boleh berisi baris baru, emoji, tanda bintang, atau format lain.";
    2388049, 100, "Message template language is not supported";
        "Meta does not know this language, or does not take it.";
        "Bahasa ini tidak dikenal atau tidak didukung Meta.";
    2388060, 100, "Button format is incorrect";
        "A button's label may have no variables, line breaks, emoji or formatting.";
        "Label tombol tidak boleh berisi variabel, baris baru, emoji, atau format.";
    2388072, 100, "Message body format is incorrect";
        "The body has more than two line breaks in a row, more than ten emoji, or nothing but variables.";
        "Isi pesan punya lebih dari dua baris baru berturut-turut, lebih dari sepuluh emoji, atau hanya variabel.";
    2388073, 100, "Message footer format is incorrect";
        "The footer may have no line breaks and no emoji.";
        "Footer tidak boleh berisi baris baru atau emoji.";
    2388081, 100, "Error while adding button URL";
        "A button may not lead to WhatsApp itself.";
        "Tombol tidak boleh mengarah ke WhatsApp sendiri.";
    2388084, 100, "File type not supported";
        "The sample file of the header is not known to Meta or of the wrong type.";
        "Berkas contoh untuk header tidak dikenal Meta atau jenisnya salah.";
    2388124, 100, "Edit limit reached";
        "An approved template can be edited once in 24 hours.";
        "Template yang disetujui hanya bisa diubah sekali dalam 24 jam.";
    2388155, 100, "Template name is already used as a sample template";
        "The name belongs to one of Meta's sample templates.";
        "Nama ini dipakai oleh template contoh dari Meta.";
    2388185, 10, "No permission to create this template";
        "The business is not verified for templates of this category.";
        "Bisnis belum terverifikasi untuk template berkategori ini.";
    2388293, 100, "Parameters words ratio exceeds limit";
        "The text is too short for so many variables.";
        "Teks terlalu pendek untuk variabel sebanyak itu.";
    2388299, 100, "Leading or trailing params not allowed";
        "The text may neither begin nor end with a variable.";
        "Teks tidak boleh diawali atau diakhiri variabel.";
    2388318, 100, "Direct Send refused";
        "The account may not send without a template of its own.";
        "Akun belum boleh mengirim tanpa template sendiri.";
    2388330, 100, "Direct Send lifetime or right refused";
        "Sending without a template is not switched on, or its lifetime is not allowed.";
        "Pengiriman tanpa template belum aktif, atau masa berlakunya tidak diizinkan.";
    2494055, 100, "Throughput reached";
        "The sender sent faster than Meta allows.";
        "Pengirim mengirim lebih cepat daripada yang diizinkan Meta.";
    2494100, 100, "Account is in maintenance mode.";
        "Meta is working on the sender's number.";
        "Meta sedang memelihara nomor pengirim.";
};
