//! Texts that the upstream writes itself, in the template's language, for as many languages as we know them.
//!
//! They are for previews alone: what is sent is the code, and the upstream puts it into its own text. Where the upstream
//! has listed a template, its listing has the texts, and these are not asked for. Source: the upstream's previews of
//! authentication templates (English, Spanish); the Indonesian texts are as its app shows them.

/// What the upstream writes into authentication templates of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedTexts {
    /// The text, with the code as its variable.
    code: &'static str,
    /// What follows it, where the template asks for it.
    warning: &'static str,
    /// The footer, with `{N}` in the place of the minutes.
    expiry: &'static str,
    /// The label of a button that copies the code.
    pub copy: &'static str,
    /// The label of a button with which an app fills the code in.
    pub autofill: &'static str,
}

const ENGLISH: FixedTexts = FixedTexts {
    code: "*{{1}}* is your verification code.",
    warning: "For your security, do not share this code.",
    expiry: "This code expires in {N} minutes.",
    copy: "Copy code",
    autofill: "Autofill",
};

const INDONESIAN: FixedTexts = FixedTexts {
    code: "*{{1}}* adalah kode verifikasi Anda.",
    warning: "Demi keamanan, jangan bagikan kode ini.",
    expiry: "Kode ini kedaluwarsa dalam {N} menit.",
    copy: "Salin kode",
    autofill: "Isi otomatis",
};

const SPANISH: FixedTexts = FixedTexts {
    code: "Tu código de verificación es *{{1}}*.",
    warning: "Por tu seguridad, no lo compartas.",
    expiry: "Este código caduca en {N} minutos.",
    copy: "Copiar código",
    autofill: "Autocompletar",
};

impl FixedTexts {
    /// The texts of a language by its code, such as `es_MX`; English where we don't know them.
    pub fn of(language: &str) -> Self {
        match language.split(['_', '-']).next() {
            Some("id") => INDONESIAN,
            Some("es") => SPANISH,
            Some(_) | None => ENGLISH,
        }
    }

    /// The text, with the line that warns not to share the code where it is wanted.
    pub fn body(&self, security_line: bool) -> String {
        if security_line { format!("{} {}", self.code, self.warning) } else { self.code.to_owned() }
    }

    /// The footer for a code that is valid for so many minutes.
    pub fn footer(&self, minutes: u32) -> String {
        self.expiry.replace("{N}", &minutes.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_texts_and_others_have_the_english_ones() {
        assert_eq!(FixedTexts::of("id").body(false), "*{{1}}* adalah kode verifikasi Anda.");
        assert_eq!(
            FixedTexts::of("en_US").body(true),
            "*{{1}}* is your verification code. For your security, do not share this code."
        );
        assert_eq!(FixedTexts::of("es_MX").footer(5), "Este código caduca en 5 minutos.");
        assert_eq!(FixedTexts::of("fr"), ENGLISH);
    }
}
