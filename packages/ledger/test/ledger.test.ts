import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import {
  appendFile,
  mkdir,
  open,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { moneyText, parseMoney, type TokenCounts } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ENTRY_STATES,
  formatEntry,
  LedgerReader,
  LedgerWriteError,
  LedgerWriter,
  ledgerFile,
  parseEntry,
  TOKEN_CLASSES,
} from '../src/index.ts';
import { entry } from './entry.ts';
import { temporaryDirectory } from './temporary.ts';

async function total(directory: string): Promise<string> {
  return moneyText((await new LedgerReader(directory).refresh()).team().usd);
}

describe('the ledger', () => {
  test('only the latest line of each request counts, in whatever order lines are read', async () => {
    const directory = await temporaryDirectory();
    const lines = [
      entry({ id: 'a', state: 'open', usd: '9.00' }),
      entry({ id: 'a', state: 'streaming', usd: '0.10' }),
      entry({ id: 'a', state: 'streaming', usd: '0.20' }),
      entry({ id: 'a', state: 'done', usd: '0.30' }),
    ];
    const reader = new LedgerReader(directory);
    const sums: (readonly [string, number])[] = [];
    for (const line of lines) {
      await appendFile(ledgerFile(directory, 'worker'), `${formatEntry(line)}\n`);
      const { usd, tokens } = (await reader.refresh()).team();
      sums.push([moneyText(usd), tokens.input]);
      expect(await total(directory)).toBe(moneyText(usd));
    }
    expect(sums).toEqual([
      ['0.00', 0],
      ['0.10', 10],
      ['0.20', 10],
      ['0.30', 10],
    ]);
    const shuffled = [3, 0, 3, 2, 1].map(
      (index) => `${formatEntry(lines[index] ?? entry({ id: '' }))}\n`,
    );
    await writeFile(ledgerFile(directory, 'worker'), shuffled.join(''));
    expect(await total(directory)).toBe('0.30');
  });

  test('the running totals are the sums of the latest lines, for the team and for each agent', () => {
    const count = fc.nat({ max: 1000 });
    const lines = fc.array(
      fc.record({
        id: fc.constantFrom('worker 1', 'worker 2', 'writer 1'),
        state: fc.constantFrom(...ENTRY_STATES),
        usd: count.map((cents) => moneyText(BigInt(cents) * parseMoney('0.01'))),
        messagesSent: count,
        cut: fc.constantFrom(true as const, undefined),
        tokens: fc.record({
          input: count,
          output: count,
          cacheRead: count,
          cacheWrite5m: count,
          cacheWrite1h: count,
        }),
      }),
    );
    fc.assert(
      fc.property(lines, (given) => {
        const reader = new LedgerReader('');
        for (const { cut, ...line } of given) {
          const agent = line.id.slice(0, 6);
          reader.count(entry({ ...line, agent, ...(cut ? { cut } : {}) }));
        }
        for (const agent of [undefined, 'worker', 'writer']) {
          const of = reader.entries().filter((one) => agent === undefined || one.agent === agent);
          const known = of.filter(({ state }) => state !== 'open');
          const sum = (field: keyof TokenCounts) =>
            known.reduce((total, { tokens }) => total + tokens[field], 0);
          const { totals } = reader;
          expect(agent === undefined ? totals.team() : totals.agent(agent)).toEqual({
            usd: known.reduce((total, { usd }) => total + parseMoney(usd), 0n),
            tokens: Object.fromEntries(TOKEN_CLASSES.map((field) => [field, sum(field)])),
            messagesSent: of.reduce((total, { messagesSent }) => total + messagesSent, 0),
            estimated: of.filter(({ cut, state }) => cut && ['done', 'lost'].includes(state))
              .length,
          });
        }
      }),
    );
  });

  test('the last line of a stream counts when its reported cost stays the same', async () => {
    const directory = await temporaryDirectory();
    const lines = [100, 200].map((ttftMs) =>
      formatEntry(entry({ id: 'a', state: 'streaming', ttftMs })),
    );
    await writeFile(ledgerFile(directory, 'worker'), `${lines.join('\n')}\n`);
    const reader = new LedgerReader(directory);
    await reader.refresh();
    expect(reader.entries()).toMatchObject([{ ttftMs: 200 }]);
  });

  test('settleOpen charges the most that an open request can cost, until the request ends after all', async () => {
    const directory = await temporaryDirectory();
    const ifLost = { usd: '2.00', tokens: entry({ id: '' }).tokens };
    const lines = [
      entry({ id: 'a', state: 'open', usd: '0.00', ifLost }),
      entry({ id: 'b', state: 'streaming', usd: '0.10', ifLost }),
      entry({ id: 'c', usd: '0.30' }),
    ];
    const file = ledgerFile(directory, 'worker');
    await writeFile(file, lines.map((line) => `${formatEntry(line)}\n`).join(''));
    const reader = new LedgerReader(directory);
    expect(moneyText((await reader.refresh()).team().usd)).toBe('0.40');
    expect(moneyText(reader.settleOpen().team().usd)).toBe('4.30');
    expect(reader.totals.team().estimated).toBe(2);
    await appendFile(file, `${formatEntry(entry({ id: 'a', usd: '0.50' }))}\n`);
    expect(moneyText((await reader.refresh()).team().usd)).toBe('2.80');
  });

  test('concurrent refreshes each see everything, and count it once', async () => {
    const directory = await temporaryDirectory();
    const reader = new LedgerReader(directory);
    for (const [round, usd] of ['10.00', '20.00'].entries()) {
      // Enough for several reads.
      const ids = Array.from({ length: 1000 }, (_, index) => `${round}-${index}`);
      const lines = ids.map((id) => `${formatEntry(entry({ id }))}\n`);
      await appendFile(ledgerFile(directory, 'worker'), lines.join(''));
      const looks = await Promise.all([reader.refresh(), reader.refresh(), reader.refresh()]);
      expect(looks.map((totals) => moneyText(totals.team().usd))).toEqual([usd, usd, usd]);
    }
  });

  test('a torn line affects neither the lines before it nor those after it', async () => {
    const directory = await temporaryDirectory();
    const file = ledgerFile(directory, 'worker');
    const torn = formatEntry(entry({ id: 'torn' })).slice(0, 60);
    await writeFile(file, `${formatEntry(entry({ id: 'a' }))}\n${torn}`);
    const writer = new LedgerWriter(directory, 'worker');
    writer.append(entry({ id: 'b' }));
    writer.append(entry({ id: 'c' }));
    await writer.close();
    expect(await total(directory)).toBe('0.03');
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(5);
    // Another writer, which has not seen the torn line.
    await appendFile(file, `${torn}${formatEntry(entry({ id: 'd' }))}\n`);
    expect(await total(directory)).toBe('0.04');
  });

  test('a reader finds new data, even in the middle of a line, and never uncounts an entry', async () => {
    const directory = join(await temporaryDirectory(), 'made-later');
    const file = ledgerFile(directory, 'worker');
    const reader = new LedgerReader(directory);
    const usd = async () => moneyText((await reader.refresh()).team().usd);
    expect(await usd()).toBe('0.00');
    await mkdir(directory);
    const line = `${formatEntry(entry({ id: 'ä' }))}\n`;
    for (const [index, byte] of [...Buffer.from(line)].entries()) {
      await appendFile(file, Buffer.from([byte]));
      if (index % 40 === 0) expect(await usd()).toBe('0.00');
    }
    expect(await usd()).toBe('0.01');
    await truncate(file, 0);
    expect(await usd()).toBe('0.01');
    await appendFile(file, formatEntry(entry({ id: 'b' })));
    expect(await usd()).toBe('0.01');
    await appendFile(file, `\n${line}`);
    expect(await usd()).toBe('0.02');
  });

  test.each([
    'null',
    '7',
    '{}',
    '{"v":1,}',
    '{"v":1,"id":"x"}',
    formatEntry(entry({ id: 'x', usd: '-5.00' })),
    formatEntry(entry({ id: 'x', tokens: { ...entry({ id: '' }).tokens, input: -1 } })),
  ])('the line %s is ignored', async (line) => {
    const directory = await temporaryDirectory();
    await writeFile(
      ledgerFile(directory, 'worker'),
      `${line}\n${formatEntry(entry({ id: 'a' }))}\n`,
    );
    expect(await total(directory)).toBe('0.01');
  });

  test('a pipe or a link in the place of a ledger is refused, and nobody waits for it', async () => {
    const directory = await temporaryDirectory();
    const path = ledgerFile(directory, 'worker');
    await promisify(execFile)('mkfifo', [path]);
    await expect(new LedgerReader(directory).refresh()).rejects.toThrow('is not a plain file');
    await rm(path);
    await symlink('/dev/zero', path);
    await expect(new LedgerReader(directory).refresh()).rejects.toThrow('ELOOP');
  });

  test('a ledger that would fill the memory is refused, and a line without end is skipped', async () => {
    const directory = await temporaryDirectory();
    const path = ledgerFile(directory, 'worker');
    await writeFile(path, '');
    await truncate(path, 2 ** 30 + 1);
    await expect(new LedgerReader(directory).refresh()).rejects.toThrow('has more than 1 GiB');
    await truncate(path, 2 ** 25);
    await appendFile(path, `\n${formatEntry(entry({ id: 'a', state: 'done', usd: '0.01' }))}\n`);
    expect(await total(directory)).toBe('0.01');
  });

  test('two writers in separate processes do not mix their lines', async () => {
    const directory = await temporaryDirectory();
    const program = fileURLToPath(new URL('append-many.ts', import.meta.url));
    const writers = ['one', 'two', 'three'].map(async (name) => {
      const args = ['--conditions=source', program, directory, name, '300'];
      const child = spawn(process.execPath, args, { stdio: 'inherit' });
      expect(await once(child, 'exit')).toEqual([0, null]);
    });
    await Promise.all(writers);
    const reader = new LedgerReader(directory);
    expect(moneyText((await reader.refresh()).team().usd)).toBe('9.00');
    expect(reader.entries()).toHaveLength(900);
  });

  test('a ledger that cannot be written reports an error, and keeps the entries', async () => {
    const directory = await temporaryDirectory();
    const program = fileURLToPath(new URL('append-on-full-disk.ts', import.meta.url));
    // The kernel refuses writes beyond this size, as a full disk would.
    const limited = `trap '' XFSZ; ulimit -f 4; exec "$0" --conditions=source "$@"`;
    const child = spawn('bash', ['-c', limited, process.execPath, program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
    const { written, refused, error } = JSON.parse(Buffer.concat(output).toString()) as {
      written: number;
      refused: number;
      error: string;
    };
    expect(error).toBe(LedgerWriteError.name);
    expect(written).toBeGreaterThan(0);
    expect(refused).toBe(3);
    // A line that was torn at the limit does not affect later lines.
    const writer = new LedgerWriter(directory, 'worker');
    writer.append(entry({ id: 'after' }));
    await writer.close();
    const reader = new LedgerReader(directory);
    await reader.refresh();
    expect(reader.entries()).toHaveLength(written + 1);
  });

  test('what a reply has cost is known after its gateway ended on a full disk', async () => {
    const directory = await temporaryDirectory();
    const program = fileURLToPath(new URL('settle-on-full-disk.ts', import.meta.url));
    const limited = `trap '' XFSZ; ulimit -f 40; exec "$0" --conditions=source "$@"`;
    const child = spawn('bash', ['-c', limited, process.execPath, program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
    const { ended } = JSON.parse(Buffer.concat(output).toString()) as { ended: number };
    expect(ended).toBeGreaterThan(3);
    const spent = moneyText(parseMoney('0.01') * BigInt(ended));
    // For those who look at the team meanwhile.
    const reader = new LedgerReader(directory);
    await reader.refresh();
    expect(moneyText(reader.settleOpen().team().usd)).toBe(spent);
    // For the next gateway, which writes it to the ledger.
    const writer = new LedgerWriter(directory, 'worker');
    expect(writer.unwritten).toMatchObject([{ state: 'done', usd: '0.01' }]);
    writer.flush();
    expect(writer.unwritten).toEqual([]);
    await writer.close();
    expect(await total(directory)).toBe(spent);
    expect(new LedgerWriter(directory, 'worker').unwritten).toEqual([]);
  });

  test('no request is announced if its end could not be kept', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'worker.reserve'));
    const writer = new LedgerWriter(directory, 'worker');
    expect(() => writer.appendOrDrop(entry({ id: 'not sent' }))).toThrow(LedgerWriteError);
    expect(writer.unwritten).toEqual([]);
    await writer.close();
    expect(await readFile(ledgerFile(directory, 'worker'), 'utf8')).toBe('');
  });

  test('an append fails after a sync has failed', async () => {
    const directory = await temporaryDirectory();
    const file = ledgerFile(directory, 'worker');
    // A pipe can be written to, but not synced.
    await promisify(execFile)('mkfifo', [file]);
    const writer = new LedgerWriter(directory, 'worker');
    writer.append(entry({ id: 'a' }));
    await writer.synced();
    expect(() => writer.appendOrDrop(entry({ id: 'not sent' }))).toThrow(LedgerWriteError);
    writer.append(entry({ id: 'b' }));
    const pipe = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const { buffer, bytesRead } = await pipe.read();
    await pipe.close();
    await writer.close();
    const lines = buffer.toString('utf8', 0, bytesRead).trim().split('\n');
    expect(lines.map((line) => parseEntry(line)?.id)).toEqual(['a', 'b']);
  });
});
