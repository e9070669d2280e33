//! JSON made readable without reading it: fields stay in the order in which they came, and numbers as they were written.

use serde::de::IgnoredAny;

/// The same JSON, one field or element a line; `None` for what is no JSON.
pub(crate) fn indented(json: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(json).ok()?;
    let mut text = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut chars = json.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                text.push(char);
                let mut escaped = false;
                for char in chars.by_ref() {
                    text.push(char);
                    match char {
                        '"' if !escaped => break,
                        '\\' => escaped = !escaped,
                        _ => escaped = false,
                    }
                }
            }
            '{' | '[' => {
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                text.push(char);
                if let Some(end) = chars.next_if(|&next| next == '}' || next == ']') {
                    text.push(end);
                } else {
                    depth += 1;
                    new_line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut text, depth);
                text.push(char);
            }
            ',' => {
                text.push(char);
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            _ if char.is_ascii_whitespace() => {}
            _ => text.push(char),
        }
    }
    Some(text)
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_and_the_spelling_stay() {
        let json = r#"{"z":1.50, "a":[ ],"e":{},"s":"a \"{,:}\\","n":[{"b":null},[-1E2]]}"#;
        let expected = [
            "{",
            "  \"z\": 1.50,",
            "  \"a\": [],",
            "  \"e\": {},",
            r#"  "s": "a \"{,:}\\","#,
            "  \"n\": [",
            "    {",
            "      \"b\": null",
            "    },",
            "    [",
            "      -1E2",
            "    ]",
            "  ]",
            "}",
        ];
        assert_eq!(indented(json).unwrap(), expected.join("\n"));
        for json in ["\"text\"", "7", "[]", "{}", "null"] {
            assert_eq!(indented(json).unwrap(), json);
        }
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        for text in ["", "{", "{\"a\":1,}", "not found", "{} {}"] {
            assert_eq!(indented(text), None, "{text}");
        }
    }
}
