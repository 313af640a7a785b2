"""A mail server that takes everything and keeps nothing, in a process of its own.

It is small, so that it holds up neither the portal nor the floor. Its first line of output is its port.
"""

import asyncio


class Sink(asyncio.Protocol):
    """One connection: answers each command at once, and the end of each message."""

    def connection_made(self, transport):
        self.transport, self.waiting, self.in_data = transport, b"", False
        transport.write(b"220 sink.example\r\n")

    def data_received(self, data):
        self.waiting += data
        while self.waiting:
            end = b"\r\n.\r\n" if self.in_data else b"\r\n"
            command, found, rest = self.waiting.partition(end)
            if not found:
                return
            self.waiting = rest
            self.transport.write(b"250 taken\r\n" if self.in_data else self.answer(command[:4].upper()))
            self.in_data = not self.in_data and command[:4].upper() == b"DATA"

    def answer(self, word: bytes) -> bytes:
        return {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n")


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
