/** A small story that uses every conversation feature once. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chapters } from './chapters/index.js';
import { findOrStartServer } from './server.js';
import { setStage } from './stage.js';
import { Story } from './story.js';

const USAGE = `usage: npm start -w examples/walkthrough [-- --report FILE]

  --report   writes what was used to a file, as JSON

It starts a server of its own. With TALARIA_URL it plays on that one, in a
tenant that it makes and deletes; TALARIA_KEY is an admin key then.`;

async function run(report: string | undefined): Promise<void> {
  const begun = performance.now();
  const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
  const story = new Story((line) => void process.stdout.write(`${line}\n`), colour);
  const server = await findOrStartServer(process.env);
  const stage = await setStage(story, server);
  try {
    for (const chapter of chapters) await chapter(stage);
  } catch (error) {
    // What went wrong is to be told, and not what goes wrong behind it.
    await stage.leave().catch(() => undefined);
    throw error;
  }
  await stage.leave();
  await server.stop();
  const seconds = (performance.now() - begun) / 1_000;
  story.end(seconds);
  if (report !== undefined) writeFileSync(report, `${JSON.stringify({ steps: story.steps, operations: [...story.operations].sort(), seconds })}\n`);
}

try {
  const { values } = parseArgs({ options: { report: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) process.stdout.write(`${USAGE}\n`);
  else await run(values.report);
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
