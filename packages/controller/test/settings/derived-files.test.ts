import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { variablesHelp } from '../../src/settings/help.ts';
import { SETTINGS } from '../../src/settings/settings.ts';

const script = fileURLToPath(new URL('../../../../scripts/write-settings.mjs', import.meta.url));

test('the chart and docs/settings.md are up to date with the settings', async () => {
  const node = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  const { stderr } = await promisify(execFile)(process.execPath, [...node, script, '--check']);
  expect(stderr).toBe('');
});

test('--help lists every variable and fits into 100 columns', () => {
  const help = variablesHelp();
  for (const { variable } of Object.values(SETTINGS)) expect(help).toContain(`  ${variable} `);
  expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});
