import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { parse } from 'yaml';
import { CHART, helm, render } from '../chart/helm.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam artifacts '));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a function of a module below scripts/release returns. */
async function made(module: string, call: string): Promise<string> {
  const script = `const parts = await import(${JSON.stringify(`${root}scripts/release/${module}`)});
process.stdout.write(await parts.${call});`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', script]);
  return stdout;
}

const chartIn = (place: string) =>
  made('chart.mjs', `writeChart(${JSON.stringify(place)}, new Date(1e12))`);

describe('the archive of the chart', () => {
  test('renders what the chart renders, and has the files that helm package takes', async () => {
    const archive = await chartIn(directory);
    // A new certificate is made for the webhook each time.
    const values = { webhook: { enabled: false } };
    expect(await render(values, archive)).toEqual(await render(values));
    await helm(['package', CHART, `--destination=${directory}`]);
    const [, , version] = /(.*)-(\d+\.\d+\.\d+)\.tgz$/.exec(archive) ?? [];
    const filesIn = async (file: string) =>
      (await execa('tar', ['--list', '--file', file])).stdout.split('\n').sort();
    const byHelm = await filesIn(join(directory, `agentteam-${version}.tgz`));
    expect(await filesIn(archive)).toEqual(byHelm);
  });

  test('has the same bytes each time', async () => {
    const digests = [];
    for (const _ of [1, 2]) {
      const place = mkdtempSync(join(directory, 'again-'));
      const archive = readFileSync(await chartIn(place));
      digests.push(createHash('sha256').update(archive).digest('hex'));
    }
    expect(digests[0]).toBe(digests[1]);
  });
});

test('the manifest of the kubectl plugin names the archive and its checksum', async () => {
  const archive = await chartIn(directory);
  const place = JSON.stringify(directory);
  const file = await made('krew.mjs', `writeKrewManifest(${place}, ${JSON.stringify(archive)})`);
  const { metadata, spec } = parse(readFileSync(file, 'utf8'));
  expect(metadata).toEqual({ name: 'agentteam' });
  expect(spec.version).toMatch(/^v\d+\.\d+\.\d+$/);
  // krew refuses longer ones in its index.
  expect(spec.shortDescription.length).toBeLessThanOrEqual(50);
  const [platform] = spec.platforms;
  expect(platform.uri).toContain(`/download/${spec.version}/agentteam-`);
  const sha256 = createHash('sha256').update(readFileSync(archive)).digest('hex');
  expect(platform.sha256).toBe(sha256);
});
