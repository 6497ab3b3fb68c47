import { describe, expect, it } from 'vitest';
import { readArguments } from '../src/tool/arguments.js';

describe('the arguments of npm run example:chat', () => {
  it('need not be there', () => {
    expect(readArguments([])).toMatchObject({ run: 'serve', port: undefined, serverPort: undefined, data: expect.stringMatching(/react-chat\/talaria-data$/) as string });
  });

  it('name ports and a folder', () => {
    expect(readArguments(['--port', '0', '--server-port', '8080', '--data', '/d'])).toEqual({ run: 'serve', port: 0, serverPort: 8_080, data: '/d' });
  });

  it.each([['--measure', 'measure'], ['--screenshots', 'screenshots'], ['--help', 'help']] as const)('%s is another run', (flag, run) => {
    expect(readArguments([flag]).run).toBe(run);
  });

  it.each([
    [['--port', 'http'], '--port must be a number from 0 to 65535'],
    [['--server-port', '65536'], '--server-port must be a number from 0 to 65535'],
    [['--measure', '--screenshots'], '--measure and --screenshots are two runs'],
    [['--prot', '1'], "Unknown option '--prot'"],
    [['chat'], "Unexpected argument 'chat'"],
  ])('%j is refused', (words, message) => {
    expect(() => readArguments(words)).toThrow(message);
  });
});
