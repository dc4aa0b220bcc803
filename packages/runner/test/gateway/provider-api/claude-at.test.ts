import { readFile } from 'node:fs/promises';
import { CLOUD_PROVIDERS, ENV } from '@agentteam/contract';
import {
  parseScript,
  rehearsedCredentials,
  type SeenRequest,
  startRehearsal,
} from '@agentteam/rehearsal';
import { expect, test } from '@jest/globals';
import { launch, ledgerOf } from '../gateway-process.ts';
import { atEnd, environment, makeTeam } from '../team.ts';
import { claudeAt, mountSecret, providerOf } from './setting.ts';

const SCRIPT = `
agents:
  worker:
    turns:
      - text: "First I write it."
        tools: [{name: Bash, input: {command: echo done > file}}]
        usage: {input: 1000, output: 100, cacheRead: 500}
      - text: Written.
        usage: {input: 2000, output: 200}
`;

/** Starts a rehearsal, and returns it with the requests that it answers. */
async function rehearse(text: string) {
  const { script, problems } = parseScript(text, 'rehearsal.yaml');
  if (script === undefined) throw new Error(JSON.stringify(problems));
  const seen: SeenRequest[] = [];
  const rehearsal = await startRehearsal({ script, onRequest: (one) => seen.push(one) });
  atEnd(() => rehearsal.close());
  return { ...rehearsal, seen };
}

const MODELS = {
  bedrock: 'us.anthropic.claude-opus-5-5',
  vertex: 'claude-opus-5-5',
  foundry: 'claude-opus-4-6',
};

test.each(CLOUD_PROVIDERS)('the pinned CLI works through %s', async (name) => {
  const { url, seen } = await rehearse(SCRIPT);
  const team = await makeTeam();
  await mountSecret(team, rehearsedCredentials());
  const provider = providerOf(name);
  const base = `${url}/worker${name === 'foundry' ? '/anthropic' : ''}`;
  const env = {
    ...environment(team, base, { provider }),
    [ENV.tokenUrl]: `${url}/tokens`,
  };
  const gateway = await launch(team, env);
  const result = await claudeAt(provider, team, gateway, 'opus');
  expect({ ...result, log: gateway.output() }).toMatchObject({
    code: 0,
    is_error: false,
    result: 'Written.',
  });
  expect(await readFile(`${team.root}/file`, 'utf8')).toBe('done\n');
  expect(seen.map(({ status }) => status)).toEqual([200, 200]);
  const entries = (await ledgerOf(team)).entries();
  console.log(entries, result.total_cost_usd, MODELS[name], gateway.output());
});
