//! What a person pastes next.

use std::path::Path;

use crate::commands::dev::Ready;
use crate::commands::dev::samples::ORDER_UPDATE;

/// What `kabar dev` prints once everything answers.
pub(super) fn text(ready: &Ready, data: &Path) -> String {
    let Ready { gateway_url, sandbox_url, phone_url, app_id, token, .. } = ready;
    let code = ready.template_codes.get(ORDER_UPDATE).map_or("", String::as_str);
    let data = data.display();
    format!(
        r#"
Kabar is running. Interrupt (Ctrl-C) to stop.

  gateway   {gateway_url}        what it can be asked: {gateway_url}/docs
  sandbox   {sandbox_url}        what it saw: {sandbox_url}/_sandbox/ledger/messages
  phone     {phone_url}        open it in a browser: what is sent appears on it
  data      {data}

Send a message (and keep its id in the shell):

answer=$(curl -s {gateway_url}/api/v2/push/message \
  -H 'Authorization: Bearer {token}' \
  -H 'Content-Type: application/json' \
  -d '{{"phone_number":"+6281234567890","message":{{"type":"template","template":{{"template_code_id":"{code}","payload":[{{"position":"body","parameters":[{{"type":"text","text":"Budi"}},{{"type":"text","text":"INV-2041"}}]}}]}}}}}}'); echo "$answer"; msgid=$(echo "$answer" | cut -d'"' -f4)

Ask what became of it:

curl -s {gateway_url}/api/v2/message/$msgid/status \
  -H 'Authorization: Bearer {token}'

List the templates:

curl -s {gateway_url}/api/v1/templates/{app_id} \
  -H 'Authorization: Bearer {token}'
"#
    )
}
