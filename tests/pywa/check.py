#!/usr/bin/env python3
"""Runs pywa, a WhatsApp client that knows nothing of Kabar, against a sandbox.

Usage:

    pip install --target DIR -r tests/pywa/requirements.txt
    kabar sandbox --listen 127.0.0.1:0 ...
    PYTHONPATH=DIR python3 tests/pywa/check.py SANDBOX_URL [--app-secret SECRET]

pywa is not changed: only its HTTP client is told to call the sandbox, whatever host an address names. The sandbox must
sign its webhooks with the given secret, which by default is the one of `kabar sandbox`. Each check prints a line; the
exit code is 0 if all passed and 1 if not.
"""

from __future__ import annotations

import argparse
import http.server
import json
import logging
import random
import sys
import threading
import time
import traceback
import urllib.parse

import httpx
from pywa import WhatsApp, types
from pywa.errors import WhatsAppError
from pywa.types import templates as t

# The smallest picture there is; the sandbox counts its bytes.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
VERIFY_TOKEN = "pywa-check"
RECIPIENT = "6281234567890"
WAIT_SECONDS = 30


class ToSandbox(httpx.HTTPTransport):
    """Sends every request to the sandbox."""

    def __init__(self, sandbox_url: str) -> None:
        super().__init__()
        self._to = httpx.URL(sandbox_url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme=self._to.scheme, host=self._to.host, port=self._to.port)
        request.headers["Host"] = request.url.netloc.decode()
        return super().handle_request(request)


class Callback:
    """A webhook address that gives pywa what arrives, one update at a time, as that is what pywa reads."""

    def __init__(self) -> None:
        self.wa: WhatsApp | None = None
        self.updates: list[object] = []
        self.refused: list[str] = []
        self._arrived = threading.Condition()
        callback = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                text, status = callback.wa.webhook_challenge_handler(
                    vt=query.get("hub.verify_token", [None])[0], ch=query.get("hub.challenge", [None])[0]
                )
                self._answer(status, text)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                text, status = callback.take(body, self.headers.get("X-Hub-Signature-256"))
                self._answer(status, text)

            def _answer(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, body: bytes, signature: str | None) -> tuple[str, int]:
        refusal = self.wa.webhook_update_validator(body, signature)
        if refusal:
            with self._arrived:
                self.refused.append(refusal[0])
                self._arrived.notify_all()
            return refusal
        for single in singles(json.loads(body)):
            self.wa.webhook_update_handler(json.dumps(single).encode())
        return "ok", 200

    def note(self, _: WhatsApp, update: object) -> None:
        with self._arrived:
            self.updates.append(update)
            self._arrived.notify_all()

    def wait_for(self, kind: type, condition=lambda update: True):
        """The first update of a kind that fits; it is waited for."""
        deadline = time.monotonic() + WAIT_SECONDS
        with self._arrived:
            while True:
                for update in self.updates:
                    if isinstance(update, kind) and condition(update):
                        return update
                if self.refused:
                    raise AssertionError(f"pywa refused a webhook call: {self.refused}; is --app-secret right?")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"no {kind.__name__} arrived that fits, only {self.updates[-5:]}")
                self._arrived.wait(left)


def singles(body: dict):
    """The updates of a webhook call, each as a call of its own."""
    for entry in body["entry"]:
        for change in entry["changes"]:
            statuses = change["value"].get("statuses")
            values = [change["value"]]
            if statuses:
                contacts = {contact["wa_id"]: contact for contact in change["value"].get("contacts", [])}
                values = []
                for status in statuses:
                    value = {**change["value"], "statuses": [status]}
                    if status["recipient_id"] in contacts:
                        value["contacts"] = [contacts[status["recipient_id"]]]
                    values.append(value)
            for value in values:
                yield {**body, "entry": [{**entry, "changes": [{**change, "value": value}]}]}


class Check:
    """What is checked, in order; each step may use what those before it made."""

    def __init__(self, sandbox_url: str, app_secret: str) -> None:
        self.sandbox_url = sandbox_url.rstrip("/")
        self.plain = httpx.Client(base_url=self.sandbox_url, headers={"Authorization": "Bearer check"})
        self.waba_id = str(random.randrange(10**14, 10**15))
        self.other_waba_id = str(random.randrange(10**14, 10**15))
        self.app_id = str(random.randrange(10**14, 10**15))
        numbers = self.plain.get(f"/{self.waba_id}/phone_numbers").raise_for_status().json()
        self.callback = Callback()
        self.wa = WhatsApp(
            phone_id=numbers["data"][0]["id"],
            token="check",
            session=httpx.Client(transport=ToSandbox(self.sandbox_url), timeout=WAIT_SECONDS),
            waba_id=self.waba_id,
            app_id=self.app_id,
            app_secret=app_secret,
            verify_token=VERIFY_TOKEN,
            server=None,
            continue_handling=True,
        )
        self.callback.wa = self.wa
        for register in (
            self.wa.on_template_status_update,
            self.wa.on_template_quality_update,
            self.wa.on_template_category_update,
            self.wa.on_template_components_update,
            self.wa.on_message_status,
        ):
            register(self.callback.note)
        self.ids: dict[str, str] = {}

    def operator(self, template_id: str, action: str, **body: object) -> None:
        """Asks the sandbox itself for a decision."""
        url = f"/_sandbox/templates/{template_id}/{action}"
        self.plain.post(url, content=json.dumps(body) if body else b"").raise_for_status()

    def create(self, template: t.Template | t.LibraryTemplate, waba_id: str | None = None) -> str:
        created = self.wa.create_template(template, waba_id=waba_id)
        assert created.category == template.category, created
        if created.status != t.TemplateStatus.APPROVED:
            assert created.status == t.TemplateStatus.PENDING, created
            self.operator(created.id, "approve")
        assert created.get().status == t.TemplateStatus.APPROVED
        self.ids[template.name] = created.id
        return created.id

    # Each step below is a check. Where a webhook is waited for, the language has no region: in webhooks about templates
    # the platform writes `en-US`, which pywa 4.5 cannot read.

    def subscribe(self) -> None:
        body = {"override_callback_uri": self.callback.url, "verify_token": VERIFY_TOKEN}
        self.plain.post(f"/{self.waba_id}/subscribed_apps", json=body).raise_for_status()

    def create_with_named_variables(self) -> None:
        self.order = t.Template(
            name="order_on_its_way",
            category=t.TemplateCategory.UTILITY,
            language=t.TemplateLanguage.ENGLISH,
            parameter_format=t.ParamFormat.NAMED,
            components=[
                header := t.HeaderText("Order {{number}}", number="KB-1"),
                body := t.BodyText("Hello {{name}}, your order will reach you on {{day}}, in the morning.",
                                   name="Sari", day="Monday"),
                t.FooterText(text="The shop at the corner"),
                t.Buttons(buttons=[
                    link := t.URLButton(text="Follow it", url="https://shop.example/orders/{{1}}", example="KB-1"),
                    t.PhoneNumberButton(text="Call us", phone_number="+62215550100"),
                    reply := t.QuickReplyButton(text="Stop"),
                ]),
            ],
        )
        self.order_params = [
            header.params(number="KB-7"),
            body.params(name="Budi", day="Friday"),
            link.params(url_variable="KB-7", index=0),
            reply.params(callback_data="stop", index=2),
        ]
        self.create(self.order)
        told = self.callback.wait_for(t.TemplateStatusUpdate, lambda u: u.template_id == self.ids["order_on_its_way"])
        assert told.new_status == t.TemplateStatus.APPROVED and told.template_name == "order_on_its_way", told

    def create_with_numbered_variables(self) -> None:
        self.create(t.Template(
            name="thanks", category=t.TemplateCategory.UTILITY, language=t.TemplateLanguage.INDONESIAN,
            parameter_format=t.ParamFormat.POSITIONAL,
            components=[t.BodyText("Halo {{1}}, terima kasih atas pesanan {{2}} hari ini.", "Sari", "KB-1")],
        ))

    def create_with_an_uploaded_picture(self) -> None:
        self.create(t.Template(
            name="picture", category=t.TemplateCategory.MARKETING, language=t.TemplateLanguage.ENGLISH,
            components=[t.HeaderImage(PNG, mime_type="image/png"), t.BodyText("Our new shoes have come.")],
        ))
        # A picture is no document, and the sandbox knows what was uploaded.
        refused = None
        try:
            self.wa.create_template(t.Template(
                name="no_document", category=t.TemplateCategory.MARKETING, language=t.TemplateLanguage.ENGLISH,
                components=[t.HeaderDocument(PNG, mime_type="image/png"), t.BodyText("Our new shoes have come.")],
            ))
        except WhatsAppError as error:
            refused = error
        assert refused is not None and "2388084" in str(refused.raw_response.text), refused

    def create_marketing_kinds(self) -> None:
        def marketing(name: str, *components: object) -> t.Template:
            return t.Template(name=name, category=t.TemplateCategory.MARKETING,
                              language=t.TemplateLanguage.ENGLISH, components=list(components))

        body = t.BodyText("Shoes are cheaper all through this week.")
        self.create(marketing("coupon", body, t.Buttons(buttons=[t.CopyCodeButton(example="SHOES25")])))
        self.create(marketing("offer", t.LimitedTimeOffer(text="Ends soon!", has_expiration=True), body,
                              t.Buttons(buttons=[t.CopyCodeButton(example="SHOES25"),
                                         t.URLButton(text="Look", url="https://shop.example/shoes")])))
        self.create(marketing("catalogue", body, t.Buttons(buttons=[t.CatalogButton(text="View catalog")])))
        self.create(marketing("products", body, t.Buttons(buttons=[t.MPMButton(text="View items")])))
        self.create(marketing("where", t.HeaderLocation(), body))
        card = [t.HeaderImage(PNG, mime_type="image/png"),
                t.Buttons(buttons=[t.QuickReplyButton(text="More"),
                           t.URLButton(text="Buy", url="https://shop.example/{{1}}", example="red")])]
        cards = [t.CarouselCard(components=card), t.CarouselCard(components=card)]
        self.create(marketing("cards", body, t.Carousel(cards=cards)))

    def create_a_login_code(self) -> None:
        self.create(t.Template(
            name="login_code", category=t.TemplateCategory.AUTHENTICATION, language=t.TemplateLanguage.ENGLISH,
            message_send_ttl_seconds=60,
            components=[t.AuthenticationBody(add_security_recommendation=True),
                        t.AuthenticationFooter(code_expiration_minutes=5),
                        t.Buttons(buttons=[t.OneTapOTPButton(text="Copy", autofill_text="Fill in", supported_apps=[
                            t.OTPSupportedApp(package_name="com.example.shop", signature_hash="K8a/AINcGX7")])])],
        ))

    def create_from_the_library(self) -> None:
        url = t.URLButton.library_input(base_url="https://shop.example/{{1}}",
                                        url_suffix_example="https://shop.example/KB-1")
        template = t.LibraryTemplate(
            name="parcel", library_template_name="parcel_is_coming", category=t.TemplateCategory.UTILITY,
            language=t.TemplateLanguage.ENGLISH_US, library_template_button_inputs=[url])
        created = self.wa.create_template(template)
        assert created.status == t.TemplateStatus.APPROVED, created
        assert created.get().library_template_name == "parcel_is_coming"

    def upsert_login_codes(self) -> None:
        languages = [t.TemplateLanguage.ENGLISH_US, t.TemplateLanguage.INDONESIAN]
        first, again = [self.wa.upsert_authentication_template(
            name="many_codes", languages=languages, otp_button=t.CopyCodeOTPButton(),
            add_security_recommendation=True, code_expiration_minutes=minutes) for minutes in (5, 10)]
        assert len(first) == 2 and [x.id for x in first] == [x.id for x in again], (first, again)
        assert "10" in str(self.plain.get(f"/{again[0].id}?fields=components").json())

    def refuse_in_the_platforms_words(self) -> None:
        try:
            self.wa.create_template(t.Template(
                name="Wrong Name", category=t.TemplateCategory.UTILITY, language=t.TemplateLanguage.ENGLISH,
                components=[t.BodyText("Hello there.")]))
        except WhatsAppError as error:
            assert "2388046" in str(error.raw_response.text), error
        else:
            raise AssertionError("a wrong name was taken")

    def list_all(self) -> None:
        met: list[str] = []
        page = self.wa.get_templates(pagination=types.Pagination(limit=5))
        total = page.total_count
        while True:
            met.extend(template.id for template in page)
            if not page.has_next:
                break
            page = self.wa.get_templates(pagination=types.Pagination(limit=5, after=page.after))
        assert len(met) == len(set(met)) == total, (len(met), total)
        assert set(self.ids.values()) <= set(met)
        assert page.message_template_count == total and page.message_template_limit > total

    def list_some(self) -> None:
        def names(**filters: object) -> set[str]:
            return {template.name for template in self.wa.get_templates(**filters)}

        assert names(name="order_on") == {"order_on_its_way"}
        assert names(content="corner") == {"order_on_its_way"}
        assert names(categories=[t.TemplateCategory.AUTHENTICATION], name="login") == {"login_code"}
        assert "thanks" in names(languages=[t.TemplateLanguage.INDONESIAN, t.TemplateLanguage.FRENCH])
        assert names(statuses=[t.TemplateStatus.REJECTED, t.TemplateStatus.PAUSED]) == set()
        assert names(quality_scores=[t.QualityScoreType.RED]) == set()

    def read_one(self) -> None:
        read = self.wa.get_template(self.ids["order_on_its_way"])
        assert read.parameter_format == t.ParamFormat.NAMED and read.language == t.TemplateLanguage.ENGLISH
        kinds = [type(component).__name__ for component in read.components]
        assert kinds == ["HeaderText", "BodyText", "FooterText", "Buttons"], kinds
        assert read.quality_score.score == t.QualityScoreType.UNKNOWN
        for name, id in self.ids.items():
            raw = [c for c in self.wa.get_template(id).components if isinstance(c, dict)]
            assert not raw, f"pywa could not read components of {name}: {raw}"

    def edit(self) -> None:
        id = self.ids["thanks"]
        edited = self.wa.update_template(id, new_components=[
            t.BodyText("Halo {{1}}, pesanan {{2}} sudah kami terima.", "Sari", "KB-1")])
        assert edited and edited.id == id and edited.name == "thanks", edited
        told = self.callback.wait_for(t.TemplateComponentsUpdate, lambda u: u.template_id == id)
        assert "sudah kami terima" in told.template_element, told
        if edited.get().status == t.TemplateStatus.PENDING:
            self.operator(id, "approve")
        try:
            self.wa.update_template(id, new_components=[t.BodyText("Halo, pesanan Anda sudah kami terima.")])
        except WhatsAppError as error:
            assert "2388124" in str(error.raw_response.text), error
        else:
            raise AssertionError("an approved template was edited twice in a day")

    def send(self) -> None:
        sent = self.wa.send_template(RECIPIENT, template=self.order, params=self.order_params, tracker="pywa-1")
        for status in ("sent", "delivered", "read"):
            told = self.callback.wait_for(
                types.MessageStatus, lambda u, status=status: u.id == sent.id and u.status.value == status)
            assert told.tracker == "pywa-1" and told.from_user.wa_id == RECIPIENT, told

    def hear_of_a_failure(self) -> None:
        sent = self.wa.send_template("6281299131026", template=self.order, params=self.order_params)
        seen = None
        deadline = time.monotonic() + WAIT_SECONDS
        while seen is None and time.monotonic() < deadline:
            lines = self.plain.get("/_sandbox/ledger/messages", params={"to": "6281299131026"}).text.splitlines()
            failed = [line for line in map(json.loads, lines) if line["wamid"] == sent.id and line["statuses"]]
            seen = failed[0]["statuses"][0] if failed else None
            time.sleep(0.05)
        # pywa 4.5 cannot read a failed status without contacts, and the platform leaves them out.
        assert seen and seen["status"] == "failed" and seen["code"] == 131026, seen

    def refuse_a_send(self) -> None:
        try:
            self.wa.send_template(RECIPIENT, name="unheard_of", language=t.TemplateLanguage.ENGLISH)
        except WhatsAppError as error:
            assert error.code == 132001, error
        else:
            raise AssertionError("an unknown template was sent")

    def quality_and_pause(self) -> None:
        id = self.ids["coupon"]
        self.operator(id, "quality", score="RED")
        told = self.callback.wait_for(t.TemplateQualityUpdate, lambda u: u.template_id == id)
        assert told.new_quality_score == t.QualityScoreType.RED, told
        told = self.callback.wait_for(
            t.TemplateStatusUpdate, lambda u: u.template_id == id and u.new_status == t.TemplateStatus.PAUSED)
        assert told.other_info.title == "FIRST_PAUSE", told
        unpaused = self.wa.unpause_template(id)
        assert not unpaused.success and unpaused.reason, unpaused

    def category(self) -> None:
        id = self.ids["parcel_copy"] = self.create(t.Template(
            name="parcel_copy", category=t.TemplateCategory.UTILITY, language=t.TemplateLanguage.ENGLISH,
            components=[t.BodyText("Your parcel has come, and shoes are cheaper today.")]))
        self.operator(id, "category", category="MARKETING", notice=True)
        told = self.callback.wait_for(
            t.TemplateCategoryUpdate, lambda u: u.template_id == id and u.correct_category is not None)
        assert told.new_category == t.TemplateCategory.UTILITY, told
        self.operator(id, "category", category="MARKETING")
        told = self.callback.wait_for(
            t.TemplateCategoryUpdate, lambda u: u.template_id == id and u.previous_category is not None)
        assert told.new_category == t.TemplateCategory.MARKETING, told
        assert self.wa.get_template(id).previous_category == t.TemplateCategory.UTILITY

    def reject_and_disable(self) -> None:
        self.operator(self.ids["where"], "reject", reason="PROMOTIONAL", recommendation="Say less.")
        told = self.callback.wait_for(t.TemplateStatusUpdate, lambda u: u.new_status == t.TemplateStatus.REJECTED)
        assert told.reason == t.TemplateRejectionReason.PROMOTIONAL, told
        assert told.rejection_info.recommendation == "Say less.", told
        self.operator(self.ids["products"], "disable")
        told = self.callback.wait_for(t.TemplateStatusUpdate, lambda u: u.new_status == t.TemplateStatus.DISABLED)
        assert told.disable_info is not None, told

    def archive(self) -> None:
        good, bad = self.ids["catalogue"], self.ids["products"]
        archived = self.wa.archive_templates([good, bad])
        assert archived.archived == (good,) and set(archived.failed) == {bad}, archived
        assert self.wa.get_template(good).status == t.TemplateStatus.ARCHIVED
        assert self.wa.unarchive_templates([good]).unarchived == (good,)
        self.callback.wait_for(t.TemplateStatusUpdate, lambda u: u.new_status == t.TemplateStatus.UNARCHIVED)

    def compare(self) -> None:
        now = int(time.time())
        compared = self.wa.compare_templates(self.ids["coupon"], self.ids["offer"],
                                             start=now - 7 * 86400, end=now)
        assert compared.times_sent is None, "neither was sent a thousand times"

    def migrate(self) -> None:
        self.create(t.Template(
            name="elsewhere", category=t.TemplateCategory.UTILITY, language=t.TemplateLanguage.ENGLISH,
            components=[t.BodyText("We have moved to another street.")]), waba_id=self.other_waba_id)
        moved = self.wa.migrate_templates(self.other_waba_id)
        assert len(moved.migrated) == 1 and not moved.failed, moved
        assert self.wa.get_template(moved.migrated[0].id).name == "elsewhere"

    def delete(self) -> None:
        id = self.ids["order_on_its_way"]
        assert self.wa.delete_template("order_on_its_way", template_id=id).success
        assert self.wa.delete_template("offer").success
        names = {template.name for template in self.wa.get_templates(pagination=types.Pagination(limit=100))}
        assert not names & {"order_on_its_way", "offer"}, names
        try:
            self.wa.create_template(self.order)
        except WhatsAppError as error:
            assert "2388023" in str(error.raw_response.text), error
        else:
            raise AssertionError("the name of a deleted template was taken again")

    def steps(self):
        return [
            self.subscribe, self.create_with_named_variables, self.create_with_numbered_variables,
            self.create_with_an_uploaded_picture, self.create_marketing_kinds, self.create_a_login_code,
            self.create_from_the_library, self.upsert_login_codes, self.refuse_in_the_platforms_words, self.list_all,
            self.list_some, self.read_one, self.edit, self.send, self.hear_of_a_failure, self.refuse_a_send,
            self.quality_and_pause, self.category, self.reject_and_disable, self.archive, self.compare, self.migrate,
            self.delete,
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sandbox_url")
    parser.add_argument("--app-secret", default="kabar-sandbox")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    check = Check(arguments.sandbox_url, arguments.app_secret)
    n_failed = 0
    for step in check.steps():
        name = step.__name__.replace("_", " ")
        try:
            step()
        except Exception:
            n_failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}")
        else:
            print(f"ok      {name}")
    print(f"{len(check.steps()) - n_failed} of {len(check.steps())} checks passed")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
