import { readFile } from 'node:fs/promises';
import { CLOUD_PROVIDERS } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { launch, ledgerOf } from '../gateway-process.ts';
import { makeTeam } from '../team.ts';
import { claudeAt, providerOf, rehearse, rehearsedEnvironment } from './setting.ts';

const SCRIPT = `
agents:
  worker:
    turns:
      - text: "First I write it."
        tools: [{name: Bash, input: {command: echo done > file}}]
        usage: {input: 1000, output: 100, cacheRead: 500, cacheWrite5m: 0}
      - text: Written.
        usage: {input: 2000, output: 200, cacheRead: 0, cacheWrite5m: 0}
`;

/** The model of the alias `opus`, and the factor of the region on its price. */
const EXPECTED = {
  bedrock: { model: 'claude-opus-5-5', factor: 1.1 },
  vertex: { model: 'claude-opus-5-5', factor: 1.1 },
  foundry: { model: 'claude-opus-4-6', factor: 1 },
};

test.each(CLOUD_PROVIDERS)('the pinned CLI works through %s', async (name) => {
  const rehearsal = await rehearse(SCRIPT);
  const team = await makeTeam();
  const provider = providerOf(name);
  const gateway = await launch(team, await rehearsedEnvironment(team, rehearsal, provider));
  const result = await claudeAt(provider, team, gateway, 'opus');
  expect(result).toMatchObject({ code: 0, is_error: false, result: 'Written.' });
  expect(await readFile(`${team.root}/file`, 'utf8')).toBe('done\n');
  expect(rehearsal.seen.map(({ status }) => status)).toEqual([200, 200]);
  const entries = (await ledgerOf(team)).entries();
  const { model, factor } = EXPECTED[name];
  expect(entries).toMatchObject([
    { model, basis: 'list', state: 'done', tokens: { input: 1000, output: 100, cacheRead: 500 } },
    { model, basis: 'list', state: 'done', tokens: { input: 2000, output: 200 } },
  ]);
  // The CLI knows Anthropic's list prices only.
  const ours = entries.reduce((sum, { usd }) => sum + Number(usd), 0);
  expect(ours).toBeCloseTo(result.total_cost_usd * factor, 9);
  expect(gateway.output()).toContain('"event":"preflight","found":"ready"');
  expect(gateway.output()).not.toContain('"event":"refused"');
});

test.each(CLOUD_PROVIDERS)('the pinned CLI waits for %s after a limit', async (name) => {
  const rehearsal = await rehearse(`
agents:
  worker:
    turns:
      - text: Answered.
        errors: [{status: 429, message: "Too many tokens, please wait before trying again."}]
`);
  const team = await makeTeam();
  const provider = providerOf(name);
  const gateway = await launch(team, await rehearsedEnvironment(team, rehearsal, provider));
  const result = await claudeAt(provider, team, gateway, 'sonnet');
  expect(result).toMatchObject({ code: 0, result: 'Answered.' });
  expect(rehearsal.seen.map(({ status }) => status)).toEqual([429, 200]);
  expect(gateway.output()).toContain('"event":"waiting","reason":"rate-limit"');
});

test.each(CLOUD_PROVIDERS)('the pinned CLI ends when %s denies the model', async (name) => {
  const rehearsal = await rehearse(`
agents:
  worker:
    turns:
      - text: Never.
        errors:
          - {status: 403, message: "You don't have access to the model with the specified model ID."}
`);
  const team = await makeTeam();
  const provider = providerOf(name);
  const env = await rehearsedEnvironment(team, rehearsal, provider);
  const gateway = await launch(team, env);
  const result = await claudeAt(provider, team, gateway, 'opus');
  expect(result).toMatchObject({ code: 1, is_error: true });
  expect(result.result).toContain(`does not let the credential in the Secret cloud use the model`);
  expect(result.result).toContain(provider.models.opus);
  if (provider.region !== undefined) expect(result.result).toContain(provider.region);
  expect(rehearsal.seen).toHaveLength(1);
});
