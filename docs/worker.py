"""A worker in Python, written from PROTOCOL.md: answers GET /hello/{name} and POST /hello/{name}."""
import asyncio, json, os, re
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote
import nats, nats.micro
from nats.errors import TimeoutError as NothingCame

REPLY = re.compile(r"(_PX|_INBOX[\w:=-]*)(\.[\w:=-]+)+\Z", re.ASCII)

async def serve(connection, message):
    headers = message.headers or {}
    reply = headers.get("Px-Reply", "")
    if headers.get("Px-V") != "2" or not REPLY.match(reply) or len(reply) > 256:
        dead = {k: v for k, v in headers.items() if k != "Nats-TTL"}
        stream, sequence = message.metadata.stream, message.metadata.sequence.stream
        dead |= {"Nats-Msg-Id": f"{stream}:{sequence}", "Px-Dead-Reason": "not a request of version 2",
                 "Px-Dead-Stream": stream, "Px-Dead-Sequence": str(sequence),
                 "Px-Dead-Deliveries": str(message.metadata.num_delivered)}
        await connection.jetstream().publish(f"dead.{message.subject}", message.data, headers=dead)
        return await message.term()
    deadline = message.metadata.timestamp + timedelta(milliseconds=int(headers.get("Px-Timeout-Ms", "5000")))
    if datetime.now(timezone.utc) > deadline:
        return await message.term()
    name = unquote(message.subject.rsplit(".", 1)[1])
    body = json.dumps({"hello": name, "method": headers["Px-Method"], "bytes": len(message.data)}).encode()
    answer = {"Px-V": "2", "Px-Status": "200", "H-content-type": "application/json"}
    await connection.publish(reply, body, headers=answer)
    await message.ack()

async def main():
    connection = await nats.connect(os.environ["NATS_URL"])
    pull = await connection.jetstream().pull_subscribe_bind(durable=os.environ["CONSUMER"], stream="REQUESTS")
    # So that `nats micro ls` and `ratectl top` find it.
    await nats.micro.add_service(connection, name="hello", version="0.1.0", metadata={"consumer": os.environ["CONSUMER"]})
    while True:
        try:
            for message in await pull.fetch(8, timeout=20):
                await serve(connection, message)
        except NothingCame:
            pass

asyncio.run(main())
