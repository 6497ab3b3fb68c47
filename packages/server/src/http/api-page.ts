/** The API's page: its description as one HTML document, without a script. */
import { errorCodes, errorInfo, type ErrorCode } from '@talaria/protocol';
import type { JsonSchema } from '@talaria/protocol/operations';
import { escapeHtml, inlineCode } from './html.js';
import type { OpenApiDocument, OpenApiOperation } from './openapi.js';

export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #3a3a3a); --soft: light-dark(#f5f5f3, #232323); --ink: light-dark(#1c1c1a, #e8e8e4); --dim: light-dark(#5f5f58, #a3a39b); --accent: light-dark(#0b5cad, #7cb7ff); }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: light-dark(#fff, #181818); }
.page { display: grid; grid-template-columns: 15rem minmax(0, 50rem); gap: 3rem; max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 6rem; }
nav { scrollbar-width: thin; position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 1rem 0; font-size: .875rem; }
nav h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--dim); margin: 1.25rem 0 .25rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .15rem 0; color: inherit; text-decoration: none; }
a { color: var(--accent); }
nav a:hover { text-decoration: underline; }
h1 { font-size: 2rem; margin: 1rem 0 .5rem; }
main h2 { margin: 3rem 0 0; padding-bottom: .25rem; border-bottom: 1px solid var(--line); text-transform: capitalize; }
article { padding: 1.25rem 0; border-bottom: 1px solid var(--line); }
article h3 { margin: 0 0 .25rem; font-size: 1.05rem; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
code { background: var(--soft); padding: .1em .3em; border-radius: .25em; overflow-wrap: anywhere; }
.route { display: block; background: var(--soft); padding: .5rem .75rem; border-radius: .4rem; margin: .5rem 0; }
.method { font-weight: 700; color: var(--accent); margin-right: .5rem; }
.dim { color: var(--dim); }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); }
th { color: var(--dim); font-weight: 600; border-top: 0; }
.wide { overflow-x: auto; }
@media (max-width: 56rem) { .page { grid-template-columns: minmax(0, 1fr); gap: 0; } nav { position: static; max-height: none; order: 2; } }
`;

/** @param document as `openApi` makes it */
export function apiPage(document: OpenApiDocument): string {
  const tags = document.tags.map(({ name }) => name);
  const all = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })));
  const ofTag = (tag: string) => all.filter(({ operation }) => operation.tags.includes(tag));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Talaria HTTP API</title>
<style>${STYLE}</style>
</head>
<body>
<div class="page">
<nav aria-label="Operations">
${tags.map((tag) => `<h2>${escapeHtml(tag)}</h2><ul>${ofTag(tag).map(({ operation }) => `<li>${link(operation.operationId, operation.operationId)}</li>`).join('')}</ul>`).join('\n')}
<h2>More</h2><ul><li>${link('shapes', 'Shapes')}</li><li>${link('errors', 'Errors')}</li><li><a href="/openapi.json">openapi.json</a></li></ul>
</nav>
<main>
<h1>Talaria HTTP API</h1>
<p>${inlineCode(document.info.description)}</p>
<p class="dim">Version ${escapeHtml(document.info.version)} · <a href="/openapi.json">OpenAPI 3.1</a></p>
${tags.map((tag) => `<h2>${escapeHtml(tag)}</h2>\n${ofTag(tag).map(({ path, method, operation }) => article(path, method, operation)).join('\n')}`).join('\n')}
<h2 id="shapes">Shapes</h2>
${Object.entries(document.components.schemas).map(([name, schema]) => `<article id="shape-${name}"><h3>${name}</h3>${schema.description === undefined ? '' : `<p>${inlineCode(schema.description)}</p>`}${fields(schema)}</article>`).join('\n')}
<h2 id="errors">Errors</h2>
<div class="wide"><table><thead><tr><th>Code</th><th>Status</th><th>Retry helps</th><th>Meaning</th><th>What to do</th></tr></thead><tbody>
${errorCodes.map(errorRow).join('\n')}
</tbody></table></div>
</main>
</div>
</body>
</html>
`;
}

function errorRow(code: ErrorCode): string {
  const { status, retryable, text, remedy } = errorInfo(code);
  return `<tr><td><code>${code}</code></td><td>${status}</td><td>${retryable ? 'yes' : 'no'}</td><td>${escapeHtml(text)}</td><td>${escapeHtml(remedy)}</td></tr>`;
}

const link = (anchor: string, text: string): string => `<a href="#${escapeHtml(anchor)}">${escapeHtml(text)}</a>`;

function article(path: string, method: string, operation: OpenApiOperation): string {
  const { parameters, requestBody, responses } = operation;
  const body = requestBody?.content['application/json'].schema;
  const answer = (responses['200'] as { content: { 'application/json': { schema: JsonSchema } } }).content['application/json'].schema;
  const rows = parameters.map((one) => row(one.name, { ...one.schema, ...(one.description !== undefined && { description: one.description }) }, one.required, one.in));
  return `<article id="${operation.operationId}">
<h3>${escapeHtml(operation.summary)}</h3>
<code class="route"><span class="method">${method}</span>${escapeHtml(path)}</code>
<p class="dim">${inlineCode(operation.description)} Operation <code>${operation.operationId}</code>.</p>
${rows.length > 0 || body ? table([...rows, ...(body ? rowsOf(body, 'body') : [])], true) : ''}
<p>Answer: ${answer.properties && Object.keys(answer.properties).length === 0 ? '<code>{}</code>' : typeText(answer)}</p>
${answer.$ref === undefined ? fields(answer) : ''}
</article>`;
}

function fields(schema: JsonSchema): string {
  const rows = rowsOf(schema, '');
  return rows.length === 0 ? '' : table(rows, false);
}

function rowsOf(schema: JsonSchema, where: string): string[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([name, each]) => row(name, each, required.has(name), where));
}

function table(rows: readonly string[], places: boolean): string {
  return `<div class="wide"><table><thead><tr><th>Field</th>${places ? '<th>In</th>' : ''}<th>Type</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function row(name: string, schema: JsonSchema, required: boolean, where: string): string {
  const { description } = schema.description === undefined && schema.anyOf ? schema.anyOf.find((one) => one.description !== undefined) ?? {} : schema;
  const notes = [
    ...(where !== '' && !required ? ['optional'] : []), ...(schema.default === undefined ? [] : [`default \`${JSON.stringify(schema.default)}\``]),
    ...boundsOf(schema), ...(description === undefined ? [] : [description.replace(/\.$/, '')]),
  ];
  return `<tr><td><code>${escapeHtml(name)}</code></td>${where === '' ? '' : `<td>${where}</td>`}<td>${typeText(schema)}</td><td>${inlineCode(notes.join('; '))}</td></tr>`;
}

function boundsOf({ minimum, maximum, maxLength, minItems, maxItems }: JsonSchema): string[] {
  const range = (least: number | undefined, most: number | undefined, unit: string): string[] => {
    if (most === undefined || most === Number.MAX_SAFE_INTEGER) return least === undefined || least === 0 ? [] : [`at least ${least}${unit}`];
    return [least === undefined || least === 0 ? `at most ${most}${unit}` : `${least} to ${most}${unit}`];
  };
  return [...range(minimum, maximum, ''), ...range(undefined, maxLength, ' characters'), ...range(minItems, maxItems, ' items')];
}

function typeText(schema: JsonSchema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!;
    return link(`shape-${name}`, name);
  }
  if (schema.enum) return schema.enum.map((value) => `<code>${escapeHtml(String(value))}</code>`).join(' ');
  if (schema.const !== undefined) return `<code>${escapeHtml(typeof schema.const === 'string' ? schema.const : JSON.stringify(schema.const))}</code>`;
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' or ');
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  return escapeHtml((typeof schema.type === 'string' ? [schema.type] : schema.type ?? ['any']).join(' or '));
}
