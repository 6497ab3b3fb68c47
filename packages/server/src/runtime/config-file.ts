import { checkJsonText } from '@talaria/protocol';
import { suggestion } from './config-environment.js';
import type { ConfigIssue } from './config-error.js';
import { quoted } from './config-kinds.js';
import { nearestName } from './config-nearest.js';
import { settingNames } from './config-settings.js';
import { printable } from './printable.js';

/** The configuration file as it was read. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

export interface ParsedFile {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly issues: readonly ConfigIssue[];
}

/** The fields of the file, and an issue for each that is not a setting. The whole is one JSON object. */
export function parseConfigFile(file: ConfigFile): ParsedFile {
  const refuse = (problem: string): ParsedFile => ({ fields: {}, issues: [{ field: file.path, message: `${file.path}: ${problem}` }] });
  let json: unknown;
  try {
    json = checkJsonText(file.text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return refuse(jsonProblem(file.text, error));
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse('must hold one JSON object, such as {"port": 7400}');
  const known: readonly string[] = settingNames;
  const issues = Object.keys(json)
    .filter((key) => !known.includes(key))
    .map((key) => ({ field: key, message: `${file.path}: ${quoted(key)} is not a known setting${suggestion(nearestName(key, known))}` }));
  return { fields: json as Record<string, unknown>, issues };
}

/** The parser's own words say what the fault is, when it has any. What it quotes of the file is left out: a secret may stand there. */
function jsonProblem(text: string, error: unknown): string {
  try {
    JSON.parse(text);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message.replace(/, (?:\.{3})?".*$/s, '') : '';
    return `is not valid JSON: ${printable(words)}`;
  }
  return error instanceof Error ? error.message : 'is not valid JSON';
}
