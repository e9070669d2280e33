use std::fs;
use std::path::Path as FilePath;

use kabar_domain::template::Category;
use kabar_domain::template::samples;
use proptest::prelude::ProptestConfig;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use super::*;

mod generate;
mod validate;

use generate::instance;
use validate::accepts;

const NOW: Moment = Moment::from_seconds(1_709_263_378);

/// A kind of template from `docs/examples`.
struct Example {
    kind: String,
    code: TemplateCode,
    contract: Contract,
    samples: Values,
    /// The body that sends by it.
    send: Value,
}

impl Example {
    fn schema(&self) -> Value {
        Oca.schema(&self.code, &self.contract, &self.samples, NOW)
    }

    /// What keeps a body from being sent.
    fn faults(&self, body: &Value) -> Vec<Rule> {
        let Reading { faults, values, spelling, .. } = read(body);
        let unfit = values.and_then(|values| self.contract.bind(&values, NOW, &|spot| spelling.path_of(spot)).err());
        faults.iter().chain(unfit.iter().flatten()).map(|fault| fault.rule).collect()
    }
}

fn examples() -> Vec<Example> {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    let mut folders: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.iter().map(|folder| example(folder)).collect()
}

fn example(folder: &FilePath) -> Example {
    let file = |name: &str| -> Value { serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap() };
    let (template, mut send) = (file("template.json"), file("send.json"));
    let category = Category::parse(template["category"].as_str().unwrap()).unwrap();
    let components = &template["components"];
    let contract = Contract::compile(category, components).with_sub_category(template["sub_category"].as_str());
    let code = TemplateCode::new(Uuid::nil(), template["name"].as_str().unwrap());
    send["message"]["template"]["template_code_id"] = json!(code.to_string());
    let samples = samples::values(&contract, components, NOW);
    Example { kind: folder.file_name().unwrap().to_string_lossy().into_owned(), code, contract, samples, send }
}

#[test]
fn samples_are_sent_and_fit_their_schema() {
    for example in examples() {
        let (schema, body) = (example.schema(), Oca.body(&example.code, &example.samples));
        assert_eq!(example.faults(&body), [], "{}: {body:#}", example.kind);
        assert!(accepts(&schema, &body), "{}: {body:#}\ndoes not fit\n{schema:#}", example.kind);
        // What was read is what was written.
        assert_eq!(Oca.read(&body, &example.code).values.as_ref(), Some(&example.samples), "{}", example.kind);
    }
}

#[test]
fn the_bodies_of_the_examples_fit_their_schemas() {
    for example in examples() {
        let schema = example.schema();
        assert!(accepts(&schema, &example.send), "{}: {:#}\ndoes not fit\n{schema:#}", example.kind, example.send);
    }
}

#[test]
fn a_body_without_one_of_its_parts_fits_if_it_can_be_sent() {
    for example in examples() {
        let schema = example.schema();
        let parts = example.send.pointer("/message/template/payload").and_then(Value::as_array).map_or(0, Vec::len);
        for place in 0..parts {
            let mut body = example.send.clone();
            body.pointer_mut("/message/template/payload").unwrap().as_array_mut().unwrap().remove(place);
            let can_be_sent = example.faults(&body).is_empty();
            assert_eq!(accepts(&schema, &body), can_be_sent, "{} without part {place}", example.kind);
        }
        for twice in 0..parts {
            let mut body = example.send.clone();
            let list = body.pointer_mut("/message/template/payload").unwrap().as_array_mut().unwrap();
            list.push(list[twice].clone());
            assert!(!accepts(&schema, &body), "{} with part {twice} twice", example.kind);
        }
    }
}

#[test]
fn what_is_no_send_by_the_template_does_not_fit() {
    for example in examples() {
        let schema = example.schema();
        let broken = |change: &dyn Fn(&mut Value)| {
            let mut body = example.send.clone();
            change(&mut body);
            assert!(!accepts(&schema, &body), "{}: {body:#}", example.kind);
        };
        broken(&|body| *body = json!([]));
        broken(&|body| body["phone_number"] = json!("0812"));
        broken(&|body| body["message"]["type"] = json!("text"));
        broken(&|body| body["message"]["template"]["template_code_id"] = json!("another"));
        broken(&|body| body["message"]["template"]["payload"] = json!([{ "position": "footer", "parameters": [] }]));
    }
}

/// What a schema can't say, as its documentation tells.
const NOT_SAYABLE: [Rule; 5] =
    [Rule::FilledLength, Rule::CodeDiffers, Rule::SectionProducts, Rule::CountryCode, Rule::PhoneNumber];

#[test]
fn what_fits_a_schema_can_be_sent() {
    for example in examples() {
        let schema = example.schema();
        let mut runner =
            TestRunner::new(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() });
        let outcome = runner.run(&instance(&schema), |body| {
            assert!(accepts(&schema, &body), "the generator is wrong: {body:#}");
            let faults = example.faults(&body);
            let told: Vec<&Rule> = faults.iter().filter(|rule| !NOT_SAYABLE.contains(rule)).collect();
            assert!(told.is_empty(), "{}: {told:?} in {body:#}", example.kind);
            Ok(())
        });
        if let Err(failed) = outcome {
            panic!("{}: {failed}", example.kind);
        }
    }
}

#[test]
fn a_list_is_read_as_the_body_that_has_it() {
    let example = examples().into_iter().find(|example| example.kind == "buttons").unwrap();
    let list = example.send.pointer("/message/template/payload").unwrap();
    let given = Oca.read(list, &example.code);
    assert!(given.faults.is_empty());
    assert_eq!(given.values, read(&example.send).values);
    let wrong = json!([{ "position": "body", "parameters": [{ "type": "text" }, { "type": "video" }] }, 7]);
    let paths = |given: &Given| given.faults.iter().map(|fault| fault.path.dotted()).collect::<Vec<_>>();
    let given = Oca.read(&wrong, &example.code);
    assert_eq!(paths(&given), ["payload.0.parameters.0.text", "payload.0.parameters.1.type", "payload.1"]);
    let whole = Oca.read(
        &json!({ "message": { "type": "template", "template": {
        "template_code_id": "another:code", "payload": wrong
    } } }),
        &example.code,
    );
    let to_list = "message.template.payload";
    assert_eq!(
        paths(&whole),
        [
            format!("{to_list}.0.parameters.0.text"),
            format!("{to_list}.0.parameters.1.type"),
            format!("{to_list}.1"),
            "message.template.template_code_id".to_owned(),
        ]
    );
}
