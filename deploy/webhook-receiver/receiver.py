#!/usr/bin/env python3
"""An example of a receiver of Yilin's webhooks: verifies each event and shows where a message would be sent.

Needs Python 3.9 or later and nothing else. Run it beside the service:

    WEBHOOK_SECRET=whsec_... python3 receiver.py 127.0.0.1:9000
    YILIN_WEBHOOK_URL=http://127.0.0.1:9000/ YILIN_WEBHOOK_SECRET=whsec_... yilin serve

A key: python3 -c "import base64,os; print('whsec_' + base64.b64encode(os.urandom(32)).decode())"

What a receiver has to do:
  * verify the signature (https://www.standardwebhooks.com) over the body as it came, before reading it;
  * refuse messages that are older than some minutes, so that a recorded one cannot be played again;
  * expect an event twice: `webhook-id` says that it is the same one;
  * answer 2xx only when the event is taken care of. Anything else, and it comes again for three days.
An event names a record, never a person. Whom to write to is read from the service, with an account that may.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_SECONDS = 300
MAX_BODY_BYTES = 64 * 1024


def read_key(text):
    if not text.startswith("whsec_"):
        sys.exit("WEBHOOK_SECRET must begin with whsec_")
    try:
        return base64.b64decode(text[len("whsec_"):], validate=True)
    except binascii.Error:
        sys.exit("what follows whsec_ must be base64")


def is_genuine(key, headers, body, now):
    """Whether one of the signatures is ours, and the message is new."""
    message, seconds = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message or not seconds.isdigit() or abs(now - int(seconds)) > TOLERANCE_SECONDS:
        return False
    signed = b".".join([message.encode(), seconds.encode(), body])
    ours = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = (part.partition(",") for part in headers.get("webhook-signature", "").split())
    return any(version == "v1" and hmac.compare_digest(ours, theirs) for version, _, theirs in given)


class Seen:
    """The events that have been taken care of, over restarts."""

    def __init__(self, path):
        self.path = path
        with self.connect() as database:
            database.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at INTEGER NOT NULL)")

    def connect(self):
        return sqlite3.connect(self.path, timeout=5)

    def has(self, message):
        with self.connect() as database:
            return database.execute("SELECT 1 FROM seen WHERE id = ?", (message,)).fetchone() is not None

    def add(self, message, now):
        with self.connect() as database:
            database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (message, int(now)))
            database.execute("DELETE FROM seen WHERE at < ?", (int(now) - 30 * 86400,))


TEXTS = {
    "inquiry.assigned": "已为您安排医师 / a physician has been appointed",
    "inquiry.accepted": "医师已接诊 / the physician has accepted",
    "inquiry.cancelled": "就诊已取消 / the visit was cancelled",
    "inquiry.rescheduled": "就诊时间已更改 / the visit was moved",
    "inquiry.overdue": "有就诊逾期未处理 / a visit is overdue",
    "drug_order.dispatched": "药品已送出 / the drugs are on their way",
}


def notify(event):
    """Here an SMS or a WeChat message would be sent: read the record (GET /api/inquiry/queryInquiryRecordById?id=...)
    for the person and the phone number, and give TEXT to the provider. An exception makes the event come again."""
    text = TEXTS.get(event["type"])
    if text:
        subject = event["subject"]
        print(f"{event['at']}  {subject['kind']} {subject['id']}: {text}", flush=True)


class Receiver(BaseHTTPRequestHandler):
    key, seen = b"", None
    protocol_version = "HTTP/1.1"
    timeout = 15

    def do_POST(self):
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            return self.answer(413)
        body, now = self.rfile.read(int(length)), time.time()
        if not is_genuine(self.key, self.headers, body, now):
            return self.answer(401)
        message = self.headers["webhook-id"]
        try:
            if not self.seen.has(message):
                notify(json.loads(body))
                self.seen.add(message, now)
        except Exception as error:  # Whatever it is, the event has not been taken care of.
            print(f"event {message} failed: {error}", file=sys.stderr, flush=True)
            return self.answer(500)
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:9000").rpartition(":")
    Receiver.key = read_key(os.environ.get("WEBHOOK_SECRET", ""))
    Receiver.seen = Seen(os.environ.get("WEBHOOK_SEEN", "webhooks-seen.db"))
    ThreadingHTTPServer((host, int(port)), Receiver).serve_forever()


if __name__ == "__main__":
    main()
