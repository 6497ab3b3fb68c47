/** A process that runs seeds, one after the other, as it is told. */
import { mutants } from './mutants.js';
import type { Answer, Task } from './pool.js';
import { takeCrypto } from './quiet.js';
import { simulate } from './simulate.js';

const quiet = takeCrypto();

async function answer({ seed, nodes, mutant }: Task): Promise<Answer> {
  try {
    const mutation = mutants.find(({ name }) => name === mutant)?.make();
    return { outcome: await simulate(seed, { quiet, nodes: nodes ?? 1, ...(mutation ? { mutation } : {}) }) };
  } catch (error) {
    return { failure: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
}

process.on('message', (task: Task) => void answer(task).then((message) => process.send?.(message)));
process.once('disconnect', () => process.exit());
