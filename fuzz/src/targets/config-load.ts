/** The configuration: valid values, or issues of one line each that name their field. */
import { ConfigError, loadConfig, settingNames, settingOf, type Config, type ConfigIssue } from '@talaria/server/config';
import { anyConfig, SECRET_MARK, type ConfigInput } from '../arbitraries/config.js';
import { hold } from '../finding.js';
import type { Target } from '../target.js';

type Load = typeof loadConfig;

/** A line that a person reads to its end. */
const LINE_CHARS_MAX = 500;
const PATH = 'talaria.json';

export const configLoadTarget = (load: Load = loadConfig): Target<ConfigInput> => ({
  name: 'config.load',
  batch: 20_000,
  open: () => Promise.resolve({ inputs: anyConfig, attack: (input: ConfigInput) => [read(load, input)], show: (input: ConfigInput) => JSON.stringify(input) }),
});

function read(load: Load, { file, environment, flags, named }: ConfigInput): string {
  try {
    const config = load({
      flags, environment, file: file === undefined ? undefined : { path: PATH, text: file },
      readText: () => {
        if (named === undefined) throw new Error("ENOENT: no such file or directory, open 'secret'");
        return named;
      },
    });
    refuseInvalid(config);
    return 'ok';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const issue of error.issues) refuseUnclear(issue);
    hold(error.message === error.issues[0].message, () => 'the error does not say what the first issue says');
    return 'refused';
  } finally {
    hold(Object.keys(Object.prototype).length === 0, () => 'something was added to the prototype of all objects');
  }
}

/** What was read is read again as what it says that it is. */
function refuseInvalid({ values, entries }: Config): void {
  hold(entries.length === settingNames.length, () => 'a setting has no value');
  for (const name of settingNames) {
    const value: unknown = values[name];
    const { kind, default: preset } = settingOf(name);
    if (value === preset) continue;
    const shown = kind.show(value);
    hold(!JSON.stringify(shown).includes(SECRET_MARK), () => `${name} shows a secret`);
    if (value instanceof Uint8Array) continue;
    hold(kind.fromJson(shown).ok, () => `${name} took ${JSON.stringify(shown)}, which it does not allow`);
  }
}

function refuseUnclear({ field, message }: ConfigIssue): void {
  // eslint-disable-next-line no-control-regex -- these are what must not be in it
  hold(!/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(message), () => `the issue is not one clean line: ${JSON.stringify(message)}`);
  hold(message.length <= LINE_CHARS_MAX, () => `the issue has ${message.length} characters: ${message.slice(0, 200)}`);
  // A name that nobody knows may be anything, so it stands in quotes.
  const unknown = /^talaria\.json: ".*["…] is not a known setting/.test(message) || /^"?TALARIA_.*["…]? is not a known variable/.test(message);
  hold(unknown || message.includes(field), () => `the issue does not name ${JSON.stringify(field)}: ${message}`);
  hold(!message.includes(SECRET_MARK), () => `the issue repeats a secret: ${message}`);
}
