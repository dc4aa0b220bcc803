import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  formatEntry,
  LedgerReader,
  LedgerWriteError,
  LedgerWriter,
  ledgerFile,
  moneyText,
} from '../src/index.ts';
import { entry } from './entry.ts';
import { temporaryDirectory } from './temporary.ts';

async function total(directory: string): Promise<string> {
  return moneyText((await new LedgerReader(directory).refresh()).team().usd);
}

describe('the ledger', () => {
  test('of a request’s lines the furthest counts, once, whatever their order', async () => {
    const directory = await temporaryDirectory();
    const lines = [
      entry({ id: 'a', state: 'open', usd: '9.00' }),
      entry({ id: 'a', state: 'streaming', usd: '0.10' }),
      entry({ id: 'a', state: 'streaming', usd: '0.20' }),
      entry({ id: 'a', state: 'done', usd: '0.30' }),
    ];
    const totals = ['0.00', '0.10', '0.20', '0.30'];
    for (const [index, line] of lines.entries()) {
      await appendFile(ledgerFile(directory, 'worker'), `${formatEntry(line)}\n`);
      expect(await total(directory)).toBe(totals[index]);
    }
    const shuffled = [3, 0, 1, 2, 3].map(
      (index) => `${formatEntry(lines[index] ?? entry({ id: '' }))}\n`,
    );
    await writeFile(ledgerFile(directory, 'worker'), shuffled.join(''));
    expect(await total(directory)).toBe('0.30');
  });

  test('a line that a crash left torn costs neither the lines before nor those after', async () => {
    const directory = await temporaryDirectory();
    const file = ledgerFile(directory, 'worker');
    const torn = formatEntry(entry({ id: 'torn' })).slice(0, 60);
    await writeFile(file, `${formatEntry(entry({ id: 'a' }))}\n${torn}`);
    const writer = new LedgerWriter(directory, 'worker');
    writer.append(entry({ id: 'b' }));
    await writer.close();
    expect(await total(directory)).toBe('0.02');
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(4);
    // Another writer that did not see the tear.
    await appendFile(file, `${torn}${formatEntry(entry({ id: 'c' }))}\n`);
    expect(await total(directory)).toBe('0.03');
  });

  test('a reader picks up what is new, in the middle of a line too, and never uncounts', async () => {
    const directory = await temporaryDirectory();
    const file = ledgerFile(directory, 'worker');
    const reader = new LedgerReader(directory);
    const usd = async () => moneyText((await reader.refresh()).team().usd);
    expect(await usd()).toBe('0.00');
    const line = `${formatEntry(entry({ id: 'ä' }))}\n`;
    for (const [index, byte] of [...Buffer.from(line)].entries()) {
      await appendFile(file, Buffer.from([byte]));
      if (index % 40 === 0) expect(await usd()).toBe('0.00');
    }
    expect(await usd()).toBe('0.01');
    await truncate(file, 0);
    expect(await usd()).toBe('0.01');
    await appendFile(file, line + formatEntry(entry({ id: 'b' })));
    await appendFile(file, '\n');
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
  ])('the line %s is passed over', async (line) => {
    const directory = await temporaryDirectory();
    await writeFile(
      ledgerFile(directory, 'worker'),
      `${line}\n${formatEntry(entry({ id: 'a' }))}\n`,
    );
    expect(await total(directory)).toBe('0.01');
  });

  test('two writers in processes of their own do not mix their lines', async () => {
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

  test('a ledger that takes nothing says so, and keeps what it was given', async () => {
    const directory = await temporaryDirectory();
    const program = fileURLToPath(new URL('append-on-full-disk.ts', import.meta.url));
    // Past this size the kernel refuses to write, as a full disk would.
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
    // What was torn by the limit is not lost for those after it.
    const writer = new LedgerWriter(directory, 'worker');
    writer.append(entry({ id: 'after' }));
    await writer.close();
    const reader = new LedgerReader(directory);
    await reader.refresh();
    expect(reader.entries()).toHaveLength(written + 1);
  });
});
