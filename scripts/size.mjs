// Measures the SDK: each entry point bundled, minified and compressed; for browsers, beside its budget. And the dashboard: all that it loads.
// Usage: node scripts/size.mjs [--json FILE] [--root ROOT]. Needs a build.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

/** Bytes of gzip that each browser entry of packages/sdk may cost. An entry that is published needs a line here. */
const BUDGETS = {
  '.': 20_480,
  './identity': 3_072,
  './live': 3_072,
  './calls': 6_144,
  './state': 5_120,
  './indexeddb': 5_120,
  './views': 12_288,
  './react': 4_096,
};
/** What an entry is made of and whoever loads it has once: measured beside it. */
const BESIDE = {
  './views': { label: ' beside state and live', external: ['./state.js', './live.js'] },
  './react': { label: ' beside react and views', external: ['react', './views.js'] },
};
/** What no browser has to load: measured, too, without a budget. `node` is the condition under which Node finds its own entry. */
const FOR_BACKENDS = [
  { entry: '.', label: ' on Node', condition: 'node' },
  { entry: './admin', label: '', condition: 'import' },
];
/** Bytes of gzip that scripts and styles of the dashboard may have together. */
const DASHBOARD_BUDGET = 150 * 1_024;
const NOT_FOR_BROWSERS = ['./admin', './package.json'];

/** Measures all browser entries: `{ results, problems }`. */
export async function measureSizes(root, budgets = BUDGETS) {
  const folder = join(root, 'packages/sdk');
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const entries = Object.keys(exports).filter((entry) => !NOT_FOR_BROWSERS.includes(entry));
  const results = [];
  const problems = [];
  for (const entry of entries) {
    if (budgets[entry] === undefined) problems.push(`${entry} has no budget in scripts/size.mjs`);
  }
  for (const [entry, budget_bytes] of Object.entries(budgets)) {
    if (!entries.includes(entry)) {
      problems.push(`${entry} has a budget, but packages/sdk does not publish it`);
      continue;
    }
    const specifier = `${name}${entry.slice(1)}`;
    const { label = '', external = [] } = BESIDE[entry] ?? {};
    const size = await bundle(folder, specifier, { ...BROWSER, external }).catch((error) => void problems.push(`${specifier}: ${firstLine(error)}`));
    if (!size) continue;
    results.push({ entry: `${specifier}${label}`, ...size, budget_bytes });
    const over = size.gzip_bytes - budget_bytes;
    if (over > 0) problems.push(`${specifier} is ${count(over)} bytes over its budget`);
  }
  for (const { entry, label, condition } of FOR_BACKENDS) {
    const specifier = `${name}${entry.slice(1)}`;
    if (typeof exports[entry] !== 'object' || !(condition in exports[entry])) continue;
    const size = await bundle(folder, specifier, NODE).catch((error) => void problems.push(`${specifier}: ${firstLine(error)}`));
    if (size) results.push({ entry: `${specifier}${label}`, ...size, budget_bytes: null });
  }
  const dashboard = dashboardSize(join(root, 'packages/server/dist/dashboard'));
  if (dashboard) {
    results.push({ entry: 'dashboard', ...dashboard, budget_bytes: DASHBOARD_BUDGET });
    if (dashboard.gzip_bytes > DASHBOARD_BUDGET) problems.push(`dashboard is ${count(dashboard.gzip_bytes - DASHBOARD_BUDGET)} bytes over its budget`);
  }
  return { results, problems };
}

/** @returns undefined when it is not built */
function dashboardSize(folder) {
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(?:js|css)$/.test(name)).map((name) => readFileSync(join(folder, name)));
  const sum = (sizeOf) => files.reduce((total, file) => total + sizeOf(file), 0);
  return { min_bytes: sum((file) => file.length), gzip_bytes: sum((file) => gzipSync(file, { level: 9 }).length) };
}

const BROWSER = { platform: 'browser', conditions: ['browser'] };
/** Dependencies are installed beside it, so they do not count. */
const NODE = { platform: 'node', conditions: ['node'], external: ['ws'] };

async function bundle(folder, specifier, target) {
  const { outputFiles } = await esbuild().build({
    // Everything the entry exports is kept, so this is the most that an app can pay.
    stdin: { contents: `export * from '${specifier}';`, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    ...target,
    legalComments: 'none',
    logLevel: 'silent',
  });
  const [{ contents }] = outputFiles;
  return { min_bytes: contents.length, gzip_bytes: gzipSync(contents, { level: 9 }).length };
}

/** The esbuild that tsup builds with. */
function esbuild() {
  const here = createRequire(import.meta.url);
  return createRequire(here.resolve('tsup'))('esbuild');
}

function firstLine(error) {
  const [first] = error.errors ?? [];
  if (!first) return error.message.split('\n')[0];
  return first.location ? `${first.text} (${first.location.file}:${first.location.line})` : first.text;
}

const count = (value) => value.toLocaleString('en-US');

function table(results) {
  const rows = results.map((row) => [row.entry, count(row.min_bytes), count(row.gzip_bytes), row.budget_bytes === null ? '' : count(row.budget_bytes)]);
  const all = [['entry', 'min', 'gzip', 'budget'], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ').trimEnd());
}

async function main() {
  const { values } = parseArgs({ options: { json: { type: 'string' }, root: { type: 'string' } } });
  const root = values.root ?? fileURLToPath(new URL('..', import.meta.url));
  if (!existsSync(join(root, 'packages/sdk/dist'))) throw new Error('packages/sdk is not built: run npm run build');
  const { results, problems } = await measureSizes(root);
  process.stdout.write(`${[...table(results), ...problems].join('\n')}\n`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    process.stderr.write(`size: ${error.message}\n`);
    process.exitCode = 1;
  });
}
