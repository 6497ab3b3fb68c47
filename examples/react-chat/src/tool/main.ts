/** `npm run example:chat`: a server, what is in it at first, and the page. */
import { readArguments, USAGE, type ToolOptions } from './arguments.js';
import { furnish } from './furnish.js';
import { killOnEnter } from './kill-switch.js';
import { people } from './seed/people.js';
import { servePage } from './page.js';
import { startTalaria } from './talaria.js';

async function serve({ data, port, serverPort }: ToolOptions): Promise<void> {
  const talaria = await startTalaria({ data, port: serverPort });
  const { page: config } = await furnish(talaria, data);
  const page = await servePage(config, port);
  const stop = (): void => void Promise.allSettled([page.stop(), talaria.stop()]).then(() => process.exit());
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const [first, second] = people;
  process.stdout.write(`Talaria is at ${talaria.url}, the chat at:

  ${page.url.replace('127.0.0.1', 'localhost')}

To be two people at once, open this address, too. To the browser it is another
place, with another session:

  ${page.url}

Sign in as ${first.name} in one and as ${second.name} in the other, or as
a guest. People and messages are made up on the first start (src/tool/seed);
everything is kept in
${data}.

${process.stdin.isTTY ? 'Press Enter to kill the server, and Enter to start it again. ' : ''}Stop it with Ctrl-C.
`);
  if (process.stdin.isTTY) killOnEnter(talaria, process.stdin, (line) => void process.stdout.write(`${line}\n`));
}

async function run(options: ToolOptions): Promise<void> {
  switch (options.run) {
    case 'serve': await serve(options); return;
    case 'help': process.stdout.write(`${USAGE}\n`); break;
    // What only these two need is not loaded otherwise.
    case 'measure': await (await import('./measure/measure.js')).measure(); break;
    case 'screenshots': await (await import('./screenshots.js')).takeScreenshots();
  }
  process.exit();
}

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function options(): ToolOptions {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`error: ${told(error)}\n\n${USAGE}\n`);
    process.exit(2);
  }
}

await run(options()).catch((error: unknown) => {
  process.stderr.write(`error: ${told(error)}\n`);
  process.exit(1);
});
