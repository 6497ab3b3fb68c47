// Runs the suite in a runtime that is a program, as Node, Bun and Deno are: `process.mjs STAGE-AS-JSON`. Prints the results as JSON.
import { runSuite } from './suite.mjs';

const stage = JSON.parse((globalThis.Deno?.args ?? process.argv.slice(2)).at(-1));
const [main, live, state, views, identity] = await Promise.all(['@talaria/sdk', '@talaria/sdk/live', '@talaria/sdk/state', '@talaria/sdk/views', '@talaria/sdk/identity'].map((name) => import(name)));
console.log(JSON.stringify(await runSuite({ main, live, state, views, identity }, stage)));
