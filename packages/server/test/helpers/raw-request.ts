/** A request of any bytes, for what no client would send. */
import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends the bytes and reads the answer up to the end of its JSON. */
export async function rawAnswer(url: string, bytes: string): Promise<Response> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  let text = '';
  socket.setEncoding('utf8');
  for await (const more of socket) {
    text += String(more);
    if (/\r\n\r\n.*\}$/s.test(text)) break;
  }
  socket.destroy();
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return new Response(body, { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 500) });
}
