"""The worker of a made-up system, with nothing but sockets: it answers GET /greetings/<name> as docs/PROTOCOL.md says.

NATS and LISTEN (host:port of its readiness) come from the environment; HISTORY names a file in which it keeps every
name it has greeted. `GET /greetings/crash` ends it at once with status 3.
"""
import http.server
import json
import os
import socket
import threading
import urllib.parse


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass


def serve_readiness():
    host, port = os.environ["LISTEN"].split(":")
    server = http.server.HTTPServer((host, int(port)), Ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def send(connection, subject, body, reply="", headers=""):
    head = f"NATS/1.0\r\n{headers}\r\n".encode()
    sizes = f"{len(head)} {len(head) + len(body)}"
    connection.sendall(f"HPUB {subject} {reply} {sizes}\r\n".encode() + head + body + b"\r\n")


def ask_for_one(connection):
    pull = json.dumps({"batch": 1, "expires": 3_000_000_000}).encode()
    send(connection, "$JS.API.CONSUMER.MSG.NEXT.GREETINGS.greeter", pull, reply="inbox.pull")


def answer(connection, subject, ack, head):
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line)
    if "Px-Reply" not in fields:  # a status: nothing came in time
        return
    name = urllib.parse.unquote(subject.split(".")[-1])
    if name == "crash":
        send(connection, ack, b"+ACK")
        print("crashing as asked", flush=True)
        os._exit(3)
    with open(os.environ["HISTORY"], "a+") as history:
        history.write(name + "\n")
        history.flush()
        history.seek(0)
        names = history.read().split()
    body = json.dumps({"greeting": f"Hello, {name}!", "names": names, "prefix": fields.get("H-x-forwarded-prefix")})
    headers = "Px-V: 2\r\nPx-Status: 200\r\nH-content-type: application/json\r\nH-location: /greetings/" + name + "\r\n"
    send(connection, fields["Px-Reply"], body.encode(), headers=headers)
    send(connection, ack, b"+ACK")
    print(f"greeted {name}", flush=True)


def main():
    url = urllib.parse.urlsplit(os.environ["NATS"])
    connection = socket.create_connection((url.hostname, url.port))
    stream = connection.makefile("rb")
    connection.sendall(b'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nSUB inbox.pull 1\r\n')
    serve_readiness()
    print("\x1b[31mready to greet\x1b[0m", flush=True)
    ask_for_one(connection)
    for line in stream:
        words = line.split()
        if words[0] == b"PING":
            connection.sendall(b"PONG\r\n")
        elif words[0] == b"HMSG":
            head, total = int(words[-2]), int(words[-1])
            content = stream.read(total + 2)
            answer(connection, words[1].decode(), words[3].decode() if len(words) == 6 else "", content[:head])
            ask_for_one(connection)
    raise SystemExit("NATS has gone")


main()
