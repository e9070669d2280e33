//! The rules of the house: which crate may know of which, how long a file may be, and that the documents name what exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our crates each of our crates may know of, without the `kabar-` before each. The same table is in
/// `ARCHITECTURE.md`.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("kabar", &["console", "api", "engine", "store", "graph", "sandbox", "outbound", "listen", "domain"]),
    ("kabar-console", &["domain"]),
    ("kabar-api", &["engine", "store", "domain"]),
    ("kabar-engine", &["store", "graph", "outbound", "domain"]),
    ("kabar-store", &["domain"]),
    ("kabar-graph", &["outbound"]),
    // The witness. It calls back, and nobody calls others but through `kabar-outbound`.
    ("kabar-sandbox", &["outbound"]),
    ("kabar-outbound", &[]),
    ("kabar-listen", &[]),
    ("kabar-domain", &[]),
    // The checker is pure, so it is measured where it is, a ceiling calls by the same client, and an old store is made by
    // its own commands; all else of Kabar only as a client.
    ("kabar-bench", &["listen", "domain", "outbound", "store", "testkit"]),
    ("kabar-testkit", &[]),
];

/// All that `kabar-domain` may use: nothing that does I/O.
const DOMAIN_MAY_USE: &[&str] = &["jiff", "rlibphonenumber", "serde", "serde_json", "thiserror", "uuid"];

/// Which crate may use what, where only some may.
const RESERVED: &[(&str, &[&str])] = &[
    ("rusqlite", &["kabar-store"]),
    ("refinery", &["kabar-store"]),
    ("tokio-postgres", &["kabar-store"]),
    ("hyper-rustls", &["kabar-outbound"]),
    ("tokio-rustls", &["kabar-outbound"]),
    ("webpki-root-certs", &["kabar-outbound"]),
    ("reqwest", &[]),
    ("native-tls", &[]),
    ("openssl", &[]),
    ("ring", &[]),
];

const MOST_LINES: usize = 700;

#[test]
fn each_crate_knows_only_whom_it_may_know() {
    let members = members();
    let known: BTreeSet<&str> = members.keys().map(String::as_str).collect();
    let listed: BTreeSet<&str> = MAY_KNOW.iter().map(|(name, _)| *name).collect();
    assert_eq!(known, listed, "the table has a row for each crate");
    for (name, may_know) in MAY_KNOW {
        for used in members[*name].in_the_program.iter().filter(|used| known.contains(used.as_str())) {
            let allowed = used.strip_prefix("kabar-").is_some_and(|short| may_know.contains(&short));
            assert!(allowed, "{name} must not know of {used}");
        }
    }
}

#[test]
fn the_architecture_tells_the_same_of_who_knows_whom() {
    let text = read(&root().join("ARCHITECTURE.md"));
    for (name, may_know) in MAY_KNOW {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for {name}"));
        let told = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap_or_default();
        let words: BTreeSet<&str> = told.split(|letter: char| !letter.is_ascii_alphabetic()).collect();
        let crates = MAY_KNOW.iter().filter_map(|(name, _)| name.strip_prefix("kabar-"));
        let told: BTreeSet<&str> = if words.contains("all") {
            crates.filter(|short| !words.contains(short)).collect()
        } else {
            crates.filter(|short| words.contains(short)).collect()
        };
        assert_eq!(told, may_know.iter().copied().collect(), "ARCHITECTURE.md on {name}");
    }
}

#[test]
fn the_witness_never_meets_the_accused() {
    let members = members();
    let sandbox = &members["kabar-sandbox"];
    for accused in ["kabar-store", "kabar-engine", "kabar-api", "kabar"] {
        assert!(!sandbox.in_tests.contains(accused), "kabar-sandbox must not know of {accused}, not even in its tests");
    }
}

#[test]
fn the_domain_does_no_io() {
    for used in &members()["kabar-domain"].in_the_program {
        assert!(DOMAIN_MAY_USE.contains(&used.as_str()), "kabar-domain must not use {used}");
    }
}

#[test]
fn the_engine_speaks_no_http() {
    let uses = &members()["kabar-engine"].in_the_program;
    for web in ["axum", "hyper", "hyper-util", "tower", "tower-http", "utoipa"] {
        assert!(!uses.contains(web), "kabar-engine must not use {web}");
    }
}

#[test]
fn databases_and_tls_stay_where_they_belong() {
    for (name, uses) in members() {
        for (reserved, for_whom) in RESERVED {
            let uses_it = uses.in_the_program.contains(*reserved);
            assert!(!uses_it || for_whom.contains(&name.as_str()), "{name} must not use {reserved}");
        }
    }
}

#[test]
fn there_is_no_sql_outside_the_store() {
    // Put together here, so that this file does not find itself.
    let statements = ["SELECT", "INSERT INTO", "DELETE FROM", "CREATE TABLE", "UPDATE"].map(|word| format!("{word} "));
    for file in sources().filter(|file| !file.starts_with(root().join("crates/kabar-store"))) {
        let text = read(&file);
        for statement in &statements {
            let found = text.contains(&format!("\"{statement}"));
            assert!(!found, "{} has SQL in it: {statement}…", shown(&file));
        }
    }
}

#[test]
fn no_dialect_uses_another() {
    let api = root().join("crates/kabar-api/src");
    let dialects = ["oca", "unswer"];
    for dialect in dialects {
        let own = |file: &PathBuf| file.starts_with(api.join(dialect)) || *file == api.join(format!("{dialect}.rs"));
        let files: Vec<PathBuf> = sources().filter(own).collect();
        assert!(!files.is_empty(), "{dialect} has moved; this test must follow");
        for file in files {
            let text = read(&file);
            for other in dialects.into_iter().filter(|other| *other != dialect) {
                let found = ["crate", "super", "self"].iter().any(|from| text.contains(&format!("{from}::{other}")));
                assert!(!found, "{} uses the dialect {other}", shown(&file));
            }
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for file in sources() {
        let lines = read(&file).lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines, {MOST_LINES} are the most", shown(&file));
    }
}

#[test]
fn no_file_is_forgotten() {
    for (name, folder) in crates() {
        let files: Vec<PathBuf> = files_under(&folder).into_iter().filter(|file| has_extension(file, "rs")).collect();
        let texts: Vec<String> = files.iter().map(|file| read(file)).collect();
        for file in &files {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let begins = ["main", "lib", "build"].contains(&stem.as_str());
            let named = [format!("mod {stem};"), format!("/{stem}.rs\"]"), format!("\"{stem}.rs\"]")];
            let used = texts.iter().any(|text| named.iter().any(|naming| text.contains(naming)));
            let alone = file.parent().is_some_and(|parent| {
                ["bin", "tests", "examples", "benches"].iter().any(|kind| parent == folder.join(kind))
            });
            assert!(begins || used || alone, "{name}: nothing names {}", shown(file));
        }
    }
}

#[test]
fn the_architecture_names_every_crate_and_only_files_that_exist() {
    let text = read(&root().join("ARCHITECTURE.md"));
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    for (name, _) in crates() {
        assert!(quoted.iter().any(|quoted| *quoted == name), "ARCHITECTURE.md does not say what `{name}` is for");
    }
    let paths: Vec<&str> = quoted.into_iter().filter(|quoted| looks_like_a_file(quoted)).collect();
    assert!(paths.len() >= 10, "ARCHITECTURE.md should say where things are, by file name");
    for path in paths {
        let exists = [root(), root().join("crates")].iter().any(|folder| folder.join(path).exists());
        assert!(exists, "ARCHITECTURE.md names `{path}`, which does not exist");
    }
}

#[test]
fn the_links_of_the_documents_lead_somewhere() {
    let documents: Vec<PathBuf> = files_under(&root()).into_iter().filter(|file| has_extension(file, "md")).collect();
    for document in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        assert!(documents.contains(&root().join(document)), "there is no {document}");
    }
    for document in documents {
        let folder = document.parent().expect("a file is in a folder").to_owned();
        for link in links(&read(&document)) {
            let target = link.split('#').next().unwrap_or_default();
            let outside = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            assert!(outside || folder.join(target).exists(), "{} links to {link}", shown(&document));
        }
    }
}

#[test]
fn what_looks_like_a_file_is_told_from_what_does_not() {
    for file in
        ["crates/kabar/src/main.rs", "kabar-engine/src/dispatch/", "docs/oca.md", "kabar-store/migrations/V1__a.sql"]
    {
        assert!(looks_like_a_file(file), "{file}");
    }
    for other in [
        "/openapi.json",
        "POST /api/v2/push/message",
        "application/json",
        "kabar.toml",
        "tokio::time",
        "/templates/:appId",
        "crates/*",
        "https://example.com/a.md",
    ] {
        assert!(!looks_like_a_file(other), "{other}");
    }
    assert_eq!(links("a [b](c.md), ![d](e/f.svg#g) and [h]: not, [i](<j k>)"), ["c.md", "e/f.svg#g", "<j k>"]);
}

/// The names of the crates that a crate uses.
#[derive(Debug, Default)]
struct Uses {
    /// When it is built.
    in_the_program: BTreeSet<String>,
    /// When its tests are built.
    in_tests: BTreeSet<String>,
}

/// What each of our crates uses, as cargo sees it.
fn members() -> BTreeMap<String, Uses> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let metadata = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let mut members = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let mut uses = Uses::default();
        for dependency in package["dependencies"].as_array().unwrap() {
            let name = dependency["name"].as_str().unwrap().to_owned();
            // A kind is `dev`, `build`, or null for an ordinary dependency.
            if dependency["kind"] != "dev" {
                uses.in_the_program.insert(name.clone());
            }
            uses.in_tests.insert(name);
        }
        members.insert(package["name"].as_str().unwrap().to_owned(), uses);
    }
    members
}

fn root() -> PathBuf {
    // Two folders up from the manifest of the program.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("the program is in `crates/`").to_owned()
}

fn crates() -> Vec<(String, PathBuf)> {
    let folders = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let named = folders.filter(|folder| folder.join("Cargo.toml").exists());
    named.map(|folder| (folder.file_name().unwrap().to_string_lossy().into_owned(), folder)).collect()
}

/// Every Rust file of the repository.
fn sources() -> impl Iterator<Item = PathBuf> {
    crates().into_iter().flat_map(|(_, folder)| files_under(&folder)).filter(|file| has_extension(file, "rs"))
}

/// Every file below a folder, without what is built and what is hidden.
fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|err| panic!("{} can't be read: {err}", folder.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || (name == "target" && path.parent() == Some(root().as_path())) {
            continue;
        }
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push(path);
        }
    }
    files
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|err| panic!("{} can't be read: {err}", shown(file)))
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

/// Whether something in back-ticks is meant as a file or folder of the repository.
fn looks_like_a_file(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    let known = ["rs", "md", "sql", "toml", "json", "snap"];
    let is_file = Path::new(text).extension().is_some_and(|extension| known.iter().any(|known| extension == *known));
    plain
        && text.contains('/')
        && !text.starts_with('/')
        && (is_file || text.ends_with('/') || text.starts_with("crates/"))
}

/// The targets of the links in a Markdown text.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}
