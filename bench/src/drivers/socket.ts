import { WebSocket } from 'ws';

/** A WebSocket that is open. The first frame may come in the same breath, so the listener comes before. */
export async function openSocket(url: string, protocols: readonly string[], message: (bytes: Buffer, socket: WebSocket) => void): Promise<WebSocket> {
  const socket = new WebSocket(url, [...protocols], { perMessageDeflate: false, skipUTF8Validation: true });
  socket.on('message', (bytes: Buffer) => message(bytes, socket));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return socket;
}
