/** Configurations: files, variables and flags, right and wrong, in any mixture. */
import { flagOf, settingNames, variableOf, type SettingName } from '@talaria/server/config';
import fc from 'fast-check';
import { mutated } from './bytes.js';
import { hostileJson, hostileText } from './text.js';

export interface ConfigInput {
  readonly file: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly flags: Readonly<Partial<Record<SettingName, string | readonly string[]>>>;
  /** What a file that a variable names holds; undefined when it cannot be read. */
  readonly named: string | undefined;
}

/** A mark in every secret, so that one that is repeated is seen. */
export const SECRET_MARK = 'c2VjcmV0LWNhbmFyeS0';
const VALUES: Readonly<Partial<Record<SettingName, readonly unknown[]>>> = {
  data: ['./d', '/var/lib/talaria', 'a\u0000b', '', 'a\nb'], host: ['0.0.0.0', '::1', 'fe80::1%eth0', 'localhost', 'a b', '-', 'x'.repeat(300), '256.0.0.1'],
  port: [0, 7400, 65_535, 65_536, -1, 70_000, '7400', ' 80 ', '0x50', '1e3', '080', 7.5], transport: ['auto', 'uws', 'ws', 'UWS', ''], durability: ['durable', 'relaxed', 'none'],
  trust_proxy: ['10.0.0.0/8', ['10.0.0.0/8', 'fd00::/8'], ['10.0.0.0/33'], '10.0.0.0/8,', '::/129', ['x'], [1], '1.2.3.4/08', 'fe80::1%eth0/64'], log_level: ['info', 'loud'], log_format: ['json', 'xml'],
  secret: [`${SECRET_MARK}${'A'.repeat(40)}`, SECRET_MARK, `${SECRET_MARK}!`, `${SECRET_MARK}${'A'.repeat(40)}==`, 7],
};
const NEAR = ['prot', 'Port', 'port ', 'secrets', 'trust-proxy', '__proto__', 'constructor', 'toString', 'hasOwnProperty', ''] as const;

const valueOf = (name: SettingName): fc.Arbitrary<unknown> => fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...VALUES[name] ?? [0, 1, 100, 1_000, 1_000_000, 1e9, -1, '5', '1.5']) }, { weight: 1, arbitrary: hostileJson },
);
const anySetting = fc.oneof(...settingNames.map((name) => valueOf(name).map((value) => [name as string, value] as const)));
const entry = fc.oneof({ weight: 8, arbitrary: anySetting }, { weight: 1, arbitrary: fc.tuple(fc.oneof(fc.constantFrom(...NEAR), hostileText), hostileJson) });
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value) ?? '');

const files = fc.oneof(
  { weight: 4, arbitrary: fc.array(entry, { maxLength: 5 }).map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value) ?? 'null'}`).join(',')}}`) },
  { weight: 1, arbitrary: mutated([Buffer.from('{"port":7400,"trust_proxy":["10.0.0.0/8"],"data":"./d"}')]).map((bytes) => Buffer.from(bytes).toString()) },
  { weight: 1, arbitrary: hostileJson.map(asText) }, { weight: 1, arbitrary: fc.constantFrom('', '\ufeff{}', '{}', '[]', 'null', '{"port":7400}{}', '['.repeat(50_000), '{"a":'.repeat(5_000), '// no\n{}') },
);
const variables = fc.array(fc.oneof(
  { weight: 8, arbitrary: anySetting.map(([name, value]): [string, string] => [variableOf(name as SettingName), asText(value)]) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('TALARIA_SECRET_FILE', 'TALARIA_PROT', 'TALARIA_', 'TALARIA_SERVICE_HOST', 'TALARIA_PORT', 'TALARIA_PORT_80_TCP', 'TALARIA_URL', 'PATH', '__proto__'), fc.oneof(hostileText, fc.constantFrom('tcp://10.0.0.1:7400', '/nowhere'))) },
  { weight: 1, arbitrary: fc.tuple(hostileText.map((text) => `TALARIA_${text}`), hostileText) },
), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
const withFlags = settingNames.filter((name) => flagOf(name) !== undefined);
const flags = fc.array(fc.oneof(...withFlags.map((name) => fc.oneof(valueOf(name).map(asText), fc.array(valueOf(name).map(asText), { maxLength: 3 })).map((value) => [name, value] as const))), { maxLength: 3 })
  .map((entries): ConfigInput['flags'] => Object.fromEntries(entries));

export const anyConfig: fc.Arbitrary<ConfigInput> = fc.record({
  file: fc.option(files, { freq: 3, nil: undefined }), environment: variables, flags, named: fc.option(fc.oneof(fc.constantFrom(`${SECRET_MARK}${'A'.repeat(40)}\n`, '', SECRET_MARK), hostileText), { freq: 3, nil: undefined }),
});
