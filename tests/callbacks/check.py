"""An app's own server, which takes only what the official library of Standard Webhooks verifies.

Usage: check.py READY_FILE, of a running `kabar dev`.
"""

import json
import queue
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

CALLS = queue.Queue()
# Ends a wait that would never end by itself.
PATIENCE_SECONDS = 120


class Receiver(BaseHTTPRequestHandler):
    """Keeps every call, and thanks for it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()
        CALLS.put((body, dict(self.headers)))

    def log_message(self, *_):
        pass


def main():
    ready = json.load(open(sys.argv[1]))

    def ask(method, path, body=None):
        request = urllib.request.Request(
            ready["gateway_url"] + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": "Bearer " + ready["token"], "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.loads(answer.read() or "null")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    made = ask("POST", "/v1/callbacks", {"url": url, "events": ["message.*"]})
    path = "/v1/callbacks/" + made["id"]

    def next_call():
        return CALLS.get(timeout=PATIENCE_SECONDS)

    # A test event verifies; with one byte other than it came, or with another secret, it does not.
    ask("POST", path + "/test")
    body, headers = next_call()
    assert Webhook(made["secret"]).verify(body, headers)["type"] == "callback.test"
    for secret, changed in [(made["secret"], body + b" "), ("whsec_" + "A" * 43 + "=", body)]:
        try:
            Webhook(secret).verify(changed, headers)
        except WebhookVerificationError:
            continue
        raise AssertionError("a call that was not signed so was verified")

    # While two secrets overlap, either verifies.
    rotated = ask("POST", path + "/rotate", {"overlap_hours": 1})
    ask("POST", path + "/test")
    body, headers = next_call()
    for secret in (made["secret"], rotated["secret"]):
        Webhook(secret).verify(body, headers)

    # What becomes of a message verifies too.
    sent = ask(
        "POST",
        "/api/v2/push/message",
        {
            "phone_number": "+6281234567890",
            "message": {
                "type": "template",
                "template": {
                    "template_code_id": ready["template_codes"]["pesanan_dikirim"],
                    "payload": [
                        {
                            "position": "body",
                            "parameters": [{"type": "text", "text": "Budi"}, {"type": "text", "text": "INV-2041"}],
                        }
                    ],
                },
            },
        },
    )
    told = set()
    while "message.read" not in told:
        body, headers = next_call()
        event = Webhook(rotated["secret"]).verify(body, headers)
        assert event["data"]["msgid"] == sent["msgid"], event
        told.add(event["type"])
    assert "message.submitted" in told, told
    print("callbacks: the official library verifies the calls:", ", ".join(sorted(told)))


main()
