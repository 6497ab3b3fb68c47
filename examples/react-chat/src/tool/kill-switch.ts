/** Enter kills the server, and Enter starts it again: what the page makes of that is what the example is about. */
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { Talaria } from './talaria.js';

/** @param tell a line for whoever has pressed it */
export function killOnEnter(talaria: Pick<Talaria, 'kill' | 'restart'>, input: Readable, tell: (line: string) => void): void {
  let up = true;
  let done = Promise.resolve();
  const turn = async (): Promise<void> => {
    if (up) {
      await talaria.kill();
      tell('The server is killed. Write something, then press Enter here to start it again.');
    } else {
      await talaria.restart();
      tell('The server is back.');
    }
    up = !up;
  };
  // One after the other, however fast it is pressed.
  createInterface({ input }).on('line', () => {
    done = done.then(turn).catch((error: unknown) => tell(error instanceof Error ? error.message : String(error)));
  });
}
