// A client in a thread of its own, so that it can read while the server's thread is busy. It opens a socket and does not
// read. Told to go on, it says so to the server, and reads as soon as the first shared number is not 0; the second one
// counts what it got. At the end it reports all of it.
import { parentPort, workerData } from 'node:worker_threads';
import WebSocket from 'ws';

const [GATE, COUNT] = [0, 1];
const { url, shared } = workerData;
const numbers = [];
const ws = new WebSocket(url, { perMessageDeflate: false });

ws.on('open', () => {
  ws.pause();
  parentPort.postMessage('open');
});
ws.on('message', (bytes) => {
  numbers.push(bytes.readUInt32BE(0));
  Atomics.add(shared, COUNT, 1);
});
ws.on('error', () => undefined);
ws.on('close', () => {
  parentPort.postMessage(numbers);
  parentPort.close();
});
parentPort.on('message', () => {
  ws.send('go');
  const gate = setInterval(() => {
    if (Atomics.load(shared, GATE) === 0) return;
    clearInterval(gate);
    ws.resume();
  }, 1);
});
