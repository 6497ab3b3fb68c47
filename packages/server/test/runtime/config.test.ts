import { describe, expect, it } from 'vitest';
import { defaultLimitRates } from '../../src/domain/limits/command-limits.js';
import { ConfigError, flagOf, loadConfig, nearestName, settingNames, variableOf, type ConfigSources } from '../../src/runtime/config.js';

const file = (value: unknown): ConfigSources['file'] => ({
  path: 'talaria.json',
  text: typeof value === 'string' ? value : JSON.stringify(value),
});

function messages(sources: ConfigSources): readonly string[] {
  try {
    loadConfig(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map((issue) => issue.message);
    throw error;
  }
  return [];
}

describe('where a value comes from', () => {
  const entry = (sources: ConfigSources) => loadConfig(sources).entries.find(({ name }) => name === 'port');

  it('is the default when nothing is said', () => {
    expect(entry({})).toEqual({ name: 'port', shown: 7_400, source: 'default', from: '' });
  });

  it('is the file before the default, the environment before the file, a flag before all', () => {
    const environment = { TALARIA_PORT: '7402' };
    expect(entry({ file: file({ port: 7_401 }) })).toEqual({ name: 'port', shown: 7_401, source: 'file', from: 'talaria.json' });
    expect(entry({ file: file({ port: 7_401 }), environment })).toEqual({
      name: 'port',
      shown: 7_402,
      source: 'environment',
      from: 'TALARIA_PORT',
    });
    expect(entry({ file: file({ port: 7_401 }), environment, flags: { port: '7403' } })).toEqual({
      name: 'port',
      shown: 7_403,
      source: 'flag',
      from: '--port',
    });
  });

  it('is never an empty variable', () => {
    expect(entry({ environment: { TALARIA_PORT: '' } })).toMatchObject({ source: 'default' });
  });

  it('has an entry for every setting, in the order of the table', () => {
    expect(loadConfig({}).entries.map(({ name }) => name)).toEqual(settingNames);
  });
});

describe('values', () => {
  it('takes lists as repeated flags, with commas in the environment, and as JSON in the file', () => {
    expect(loadConfig({ flags: { trust_proxy: ['10.0.0.0/8', 'fd00::/8'] } }).values.trust_proxy).toEqual(['10.0.0.0/8', 'fd00::/8']);
    expect(loadConfig({ environment: { TALARIA_TRUST_PROXY: '10.0.0.0/8, 192.168.1.1' } }).values.trust_proxy).toEqual([
      '10.0.0.0/8',
      '192.168.1.1/32',
    ]);
    expect(loadConfig({ file: file({ trust_proxy: ['::1'] }) }).values.trust_proxy).toEqual(['::1/128']);
  });

  it('has the defaults of the domain for its limits', () => {
    const { values } = loadConfig({});
    expect({
      user: { per_s: values.limit_user_per_s, burst: values.limit_user_burst },
      conversation: { per_s: values.limit_conversation_per_s, burst: values.limit_conversation_burst },
      app: { per_s: values.limit_app_per_s, burst: values.limit_app_burst },
    }).toEqual(defaultLimitRates);
  });

  const wrong: readonly (readonly [string, ConfigSources, string])[] = [
    [
      '[BAD cli.port] a port that does not exist',
      { flags: { port: '70000' } },
      'port must be a whole number from 0 to 65535, not 70000 (--port)',
    ],
    [
      '[BAD cli.port] a port below zero',
      { environment: { TALARIA_PORT: '-1' } },
      'port must be a whole number from 0 to 65535, not -1 (TALARIA_PORT)',
    ],
    [
      '[BAD cli.type] text for a number',
      { environment: { TALARIA_PORT: 'http' } },
      'port must be a whole number from 0 to 65535, not "http" (TALARIA_PORT)',
    ],
    [
      '[BAD cli.type] a number in quotes in the file',
      { file: file({ port: '7400' }) },
      'port must be a whole number from 0 to 65535, not "7400" (talaria.json)',
    ],
    [
      '[BAD cli.type] half a number',
      { file: file({ heartbeat_ms: 1_000.5 }) },
      'heartbeat_ms must be a whole number from 100 to 300000, not 1000.5 (talaria.json)',
    ],
    ['[BAD cli.type] null', { file: file({ host: null }) }, 'host must be an IP address or a host name, not null (talaria.json)'],
    [
      'a choice that there is not',
      { flags: { durability: 'fast' } },
      'durability must be one of durable, relaxed, not "fast" (--durability)',
    ],
    [
      '[BAD cli.cidr] a network that is too wide',
      { flags: { trust_proxy: ['10.0.0.0/33'] } },
      'trust_proxy must list networks such as 10.0.0.0/8 or fd00::/8, not "10.0.0.0/33" (--trust-proxy)',
    ],
    [
      '[BAD cli.cidr] a network that is a name',
      { file: file({ trust_proxy: ['proxy.local'] }) },
      'trust_proxy must list networks such as 10.0.0.0/8 or fd00::/8, not "proxy.local" (talaria.json)',
    ],
    [
      '[BAD cli.cidr] a network that is no list',
      { file: file({ trust_proxy: '10.0.0.0/8' }) },
      'trust_proxy must be a list of networks such as ["10.0.0.0/8"], not "10.0.0.0/8" (talaria.json)',
    ],
    ['a path with a control character', { flags: { data: 'a\u0000b' } }, 'data must be a path, not "a\\u0000b" (--data)'],
    [
      'a host with a port',
      { flags: { host: 'localhost:7400' } },
      'host must be an IP address or a host name, not "localhost:7400" (--host)',
    ],
  ];
  it.each(wrong)('refuses %s in one line that names the field', (_name, sources, message) => {
    expect(messages(sources)).toEqual([message]);
    expect(message).not.toContain('\n');
  });

  it('says everything that is wrong, not only the first', () => {
    expect(messages({ flags: { port: '70000', log_level: 'loud' }, file: file({ prot: 1 }) })).toHaveLength(3);
  });

  it.each(['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost', 'chat.example.com', 'my_host'])('takes the host %s', (host) => {
    expect(loadConfig({ flags: { host } }).values.host).toBe(host);
  });
});

describe('unknown names', () => {
  it('[BAD cli.key] refuses an unknown key of the file and names the nearest', () => {
    expect(messages({ file: file({ prot: 7_400 }) })).toEqual(['talaria.json: "prot" is not a known setting; did you mean port?']);
  });

  it('[BAD cli.key] refuses an unknown variable and names the nearest', () => {
    expect(messages({ environment: { TALARIA_HEARTBEATMS: '1' } })).toEqual([
      'TALARIA_HEARTBEATMS is not a known variable; did you mean TALARIA_HEARTBEAT_MS?',
    ]);
  });

  it('suggests nothing when nothing is near', () => {
    expect(messages({ environment: { TALARIA_KUBERNETES: '1' } })).toEqual(['TALARIA_KUBERNETES is not a known variable']);
  });

  it("leaves alone the tool's own variables, those of tests, and what Kubernetes sets for a service of this name", () => {
    const environment = {
      TALARIA_URL: 'http://localhost',
      TALARIA_KEY: 'x',
      TALARIA_CONFIG: 'x',
      TALARIA_TEST_COUNTS: 'x',
      TALARIA_SERVICE_HOST: '10.0.0.1',
      TALARIA_SERVICE_PORT: '7400',
      TALARIA_PORT: 'tcp://10.0.0.1:7400',
      TALARIA_PORT_7400_TCP_ADDR: '10.0.0.1',
      TALARIA_CHAT_SERVICE_PORT_HTTP: '80',
      HOME: '/',
    };
    expect(loadConfig({ environment }).values.port).toBe(7_400);
  });

  it('shows an unknown variable on one clean and short line, whatever its name is', () => {
    const found = messages({ environment: { 'TALARIA_a\r\n\u001b[2J\u2028': 'x', [`TALARIA_${'b'.repeat(5_000)}`]: 'x' } });
    expect(found).toEqual(['TALARIA_a\\u000d\\u000a\\u001b[2J\\u2028 is not a known variable', `TALARIA_${'b'.repeat(92)}… is not a known variable`]);
  });

  it('finds a neighbour when letters changed places', () => {
    expect(nearestName('dtaa', ['data', 'date_of_birth'])).toBe('data');
    expect(nearestName('zzzzzz', ['data'])).toBeUndefined();
    expect(nearestName('data'.repeat(5_000_000), ['data', 'host'])).toBeUndefined();
  });
});

describe('the file', () => {
  it.each([
    ['text', 'hello', /^talaria\.json: is not valid JSON: /],
    ['half an object', '{"port": 7400', /^talaria\.json: is not valid JSON: /],
    ['a list', '[1]', /^talaria\.json: must hold one JSON object/],
    ['a key twice', '{"port":1,"port":2}', /^talaria\.json: .*port/],
    ['a deep nest', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, /^talaria\.json: /],
  ])('refuses %s in one line', (_name, text, message) => {
    const found = messages({ file: file(text) });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
    expect(found[0]).not.toContain('\n');
  });

  it.each([
    ['a control character', `\u001b[2J\u009b{"port": 1}`],
    ['a character that ends a line elsewhere', '{"port": \u2028}'],
    ['a secret', '{"secret": c2VjcmV0LWNhbmFyeS0}'],
    ['a secret in a short file', '"c2VjcmV0LWNhbmFyeS0"}'],
  ])('repeats nothing of a file that is no JSON: %s', (_name, text) => {
    const [found] = messages({ file: file(text) });
    expect(found).toMatch(/^talaria\.json: is not valid JSON: [\u0020-\u007e]+$/);
    expect(found).not.toContain('c2Vj');
  });

  it('takes a byte order mark', () => {
    expect(loadConfig({ file: file('\uFEFF{"port": 1}') }).values.port).toBe(1);
  });

  it('does not take a key of the prototype for a setting', () => {
    expect(messages({ file: file('{"__proto__": {"port": 1}}') })).toHaveLength(1);
  });
});

describe('addresses of services', () => {
  const load = (value: string) => loadConfig({ environment: { TALARIA_NATS_URL: value } });

  it('are lists, and never shown', () => {
    const { values, entries } = load('nats://ann:hunter2@one, tls://two:1');
    expect(values.nats_url).toEqual(['nats://ann:hunter2@one', 'tls://two:1']);
    expect(JSON.stringify(entries)).not.toContain('hunter2');
    expect(loadConfig({ file: { path: 'f', text: '{"nats_url": ["nats://one"], "database_url": "postgres://db/x"}' } }).values).toMatchObject({ nats_url: ['nats://one'], database_url: ['postgres://db/x'] });
    expect(flagOf('nats_url')).toBeUndefined();
    expect(flagOf('database_url')).toBeUndefined();
  });

  it.each(['hunter2', 'http://hunter2', 'nats://', 'nats://one,hunter2'])('[BAD cli.type] are refused without being repeated: %s', (value) => {
    expect(() => load(value)).toThrow(/^nats_url must be up to 16 addresses such as nats:\/\/host or tls:\/\/host; (?!.*hunter2)/);
  });

  it('[BAD cli.type] may be one only, of a database', () => {
    expect(() => loadConfig({ environment: { TALARIA_DATABASE_URL: 'postgres://a,postgres://b' } })).toThrow('database_url must be an address such as postgres://host');
  });
});

describe('the secret', () => {
  const secret = Buffer.alloc(32, 7).toString('base64');

  it('comes from its variable, or from the file that another variable names, and never shows', () => {
    const direct = loadConfig({ environment: { TALARIA_SECRET: secret } });
    const indirect = loadConfig({
      environment: { TALARIA_SECRET_FILE: '/run/secret' },
      readText: (path) => (path === '/run/secret' ? `${secret}\n` : ''),
    });
    for (const { values, entries } of [direct, indirect]) {
      expect(Buffer.from(values.secret!).equals(Buffer.alloc(32, 7))).toBe(true);
      expect(JSON.stringify(entries)).not.toContain(secret.slice(0, 10));
      expect(entries.find(({ name }) => name === 'secret')).toMatchObject({ shown: '(hidden)' });
    }
    expect(indirect.entries.find(({ name }) => name === 'secret')).toMatchObject({ from: 'TALARIA_SECRET_FILE' });
  });

  it.each([
    [
      '[BAD cli.secret] fewer than 32 bytes',
      { TALARIA_SECRET: Buffer.alloc(31).toString('base64') },
      'secret must have at least 32 bytes, not 31; make one with: openssl rand -base64 32 (TALARIA_SECRET)',
    ],
    [
      'what is no base64',
      { TALARIA_SECRET: 'correct horse battery staple, and some more of it' },
      'secret must be base64 text (TALARIA_SECRET)',
    ],
    [
      'both ways at once',
      { TALARIA_SECRET: secret, TALARIA_SECRET_FILE: '/x' },
      'secret is set twice; keep TALARIA_SECRET or TALARIA_SECRET_FILE',
    ],
  ])('refuses %s, without repeating it', (_name, environment, message) => {
    expect(messages({ environment })).toEqual([message]);
  });

  it('says which file could not be read', () => {
    const readText = (): string => {
      throw new Error('ENOENT: no such file');
    };
    expect(messages({ environment: { TALARIA_SECRET_FILE: '/x' }, readText })).toEqual([
      'secret cannot be read: ENOENT: no such file (TALARIA_SECRET_FILE)',
    ]);
  });

  it('has no flag', () => {
    expect(flagOf('secret')).toBeUndefined();
    expect(variableOf('secret')).toBe('TALARIA_SECRET');
  });
});
