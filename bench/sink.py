"""A mail server that takes everything and keeps nothing: `python -m bench.sink PORT`."""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter

_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


async def _converse(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    try:
        while line := await reader.readline():
            verb = line[:4].upper()
            writer.write(_ANSWERS.get(verb, b"250 taken\r\n"))
            if verb == b"DATA":
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 taken\r\n")
            if verb == b"QUIT":
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # whoever sent it has left
    finally:
        writer.close()


async def _serve(port: int) -> None:
    server = await asyncio.start_server(_converse, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
