import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentTeam } from '@agentteam/api';
import { moneyText, parseMoney } from '@agentteam/contract';
import { type LedgerEntry, LedgerReader, PRICES, priceReply } from '@agentteam/ledger';
import { type Script, startRehearsal } from '@agentteam/rehearsal';
import { readStopMarker } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { agentteam } from '../../commands/agentteam.ts';
import { temporaryDirectories } from '../../temporary.ts';
import { type Bill, startPaidApi } from './paid-api.ts';

const temporary = temporaryDirectories();
const KEY = 'sk-ant-of-this-test';

const team = (onLimit: string, limit: string): string => `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: crew }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { prompt: Coordinate. }
  teammates:
    - { name: hostile, model: opus, prompt: Spend. }
    - { name: quiet, model: opus, prompt: Wait. }
  lifecycle: { budgetLimit: "${limit}", onLimit: ${onLimit} }
`;

/**
 * Tries to forge and delete the ledger, the stop marker, states, addresses and credentials, at their
 * container paths and at every mount.
 */
const DESTROY = `
mounts=$(awk '{ print $2 }' /proc/self/mounts | grep -E '(/(control|state|ledger)|run/agentteam)$')
for place in ledger control state volume; do mounts="$mounts
/var/lib/agentteam/$place"; done
printf '%b\\n' "$mounts" /run/agentteam /run/secrets /etc/agentteam | while read -r d; do
  find "$d" '(' -name 'stop.json' -o -name 'state.json' -o -name 'gateway.json' -o -name '*.jsonl' ')' |
    while read -r file; do echo forged > "$file"; rm -f "$file"; done
  echo '{"v":1,"id":"x","usd":"0"}' > "$d/hostile.jsonl"; echo '{}' > "$d/stop.json"
  rm -rf "$d"; mkdir -p "$d"; chmod -R 777 "$d"; mount -o remount,rw "$d"
done
echo destroyed what it could`;

const OUTPUT = '/workspace/output';
const KILLED = `${OUTPUT}/killed-once`;
const bash = (as: string, command: string) => ({
  tools: [
    { name: 'Bash', as, input: { command: `${command} 2>&1 | tee "${OUTPUT}/${as}"; true` } },
  ],
});
const attack = (way: string) => bash(way, `node "${OUTPUT}/attack.mjs" ${way}`);

const REPORT = { name: 'report', input: { outcome: 'completed', summary: 'All ended.' } };

/**
 * The script of the attack.
 * @param outside a file that no sandbox contains. Where it exists, nothing is destroyed or killed.
 */
const script = (outside: string): Script => ({
  agents: {
    'team-lead': { turns: [{ text: 'I wait.' }, { until: { ended: true }, tools: [REPORT] }] },
    quiet: {
      turns: [
        bash('other', 'printenv ANTHROPIC_BASE_URL'),
        bash('other-token', 'printenv ANTHROPIC_API_KEY'),
        bash('held', `until [ -e "${OUTPUT}/never" ]; do sleep 0.1; done`),
      ],
    },
    hostile: {
      turns: [
        bash('waited', `until [ -s "${OUTPUT}/other-token" ]; do sleep 0.1; done`),
        bash('destroyed', `[ ! -e "${outside}" ] || exit; ${DESTROY}`),
        attack('bypass'),
        attack('disconnect'),
        {
          tools: [
            {
              name: 'Agent',
              as: 'sub-agent',
              input: { description: 'Spend', prompt: 'Spend.', subagent_type: 'general-purpose' },
            },
          ],
        },
        // Starts its own Claude Code process with the credentials in its environment.
        bash(
          'nested',
          `echo Spend. | env -u CLAUDECODE "$(readlink /proc/$PPID/exe)" -p --tools ''`,
        ),
        // Kills all processes that it can see, once. A separate file marks that this was done, because `tee`
        // truncates the output file while the command runs.
        bash(
          'killed',
          `[ -e "${KILLED}" -o -e "${outside}" ] || { date > "${KILLED}"; kill -9 -1; }; echo alive`,
        ),
        attack('flood'),
        { text: 'Still here.' },
      ],
    },
  },
});

/** Runs the team against an API that requires a key. */
async function run(onLimit: string, limit: string, network: string) {
  let subAgents = 0;
  const cwd = await temporary();
  const outside = join(cwd, 'outside');
  await writeFile(outside, '');
  const rehearsal = await startRehearsal({
    script: script(outside),
    onRequest: ({ subagent }) => {
      if (subagent) subAgents += 1;
    },
  });
  const api = await startPaidApi(rehearsal.port, KEY);
  try {
    const output = join(cwd, 'output');
    await mkdir(output);
    const program = fileURLToPath(new URL('attack.mjs', import.meta.url));
    await copyFile(program, join(output, 'attack.mjs'));
    await writeFile(join(output, 'api'), `${api.url}/hostile`);
    await writeFile(join(cwd, 'team.yaml'), team(onLimit, limit));
    const options = ['--sandbox', '--network', network, '--output', 'output', '--keep'];
    const { exitCode } = await agentteam(['run', 'team.yaml', ...options], cwd, {
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_BASE_URL: `${api.url}/{agent}`,
    });
    const { stdout } = await agentteam(['get', 'crew', '--json'], cwd);
    const volume = join(cwd, '.agentteam/crew/volumes/team');
    const ledger = new LedgerReader(join(volume, 'ledger'));
    await ledger.refresh();
    const { status } = JSON.parse(stdout) as Pick<AgentTeam, 'status'>;
    return {
      exitCode,
      phase: status?.phase,
      restarts: status?.teammates?.find(({ name }) => name === 'hostile')?.restartCount,
      did: async (as: string) => (await readFile(join(output, as), 'utf8')).trim(),
      spent: ledger.totals.team().usd,
      /** Entries of requests that got a reply. */
      entries: ledger.entries().filter(({ status }) => status > 0),
      bills: api.bills(),
      subAgents,
      unauthorized: api.unauthorized(),
      stop: await readStopMarker(join(volume, 'control')),
    };
  } finally {
    api.close();
    await rehearsal.close();
  }
}

function billed({ usage }: Bill, output: number): LedgerEntry['tokens'] {
  return {
    input: usage['input_tokens'] ?? 0,
    output,
    cacheRead: usage['cache_read_input_tokens'] ?? 0,
    cacheWrite5m: usage['cache_creation_input_tokens'] ?? 0,
    cacheWrite1h: 0,
  };
}

describe('an agent that tries to spend without being counted', () => {
  test.each([
    ['finish', '1.00', 'own'],
    ['reserve', '4.00', 'host'],
  ])(
    'is charged for every token and stopped at the limit (%s, limit $%s, network: %s)',
    async (onLimit, limit, network) => {
      const ended = await run(onLimit, limit, network);
      // In its own network the agent can connect only to its own gateway.
      const elsewhere = network === 'own' ? 0 : 401;
      expect(ended).toMatchObject({ exitCode: 5, phase: 'BudgetExceeded' });
      expect(ended.unauthorized).toBe(network === 'own' ? 0 : 2);
      expect(ended.stop).toMatchObject({ reason: 'budget', limit });

      // The attacks were really carried out.
      expect(await ended.did('destroyed')).toContain('destroyed what it could');
      expect(JSON.parse(await ended.did('bypass'))).toEqual({
        'own gateway, UTF-16': 400,
        'own gateway, compressed': 415,
        'own gateway, without max_tokens': 400,
        'code execution by the API': 400,
        'fallback models': 400,
        'the API without a key': elsewhere,
        'the API with the token': elsewhere,
        'another gateway': elsewhere,
        'another gateway without a token': elsewhere,
        "own gateway with another agent's token": 401,
        'another path': 403,
      });
      expect(await ended.did('disconnect')).toBe('{"disconnected":12}');
      expect(await ended.did('nested')).toBe('A rehearsal.');
      expect(ended.restarts).toBe(1);
      expect(await ended.did('killed')).toBe('alive');
      expect(ended.subAgents).toBeGreaterThan(0);

      // The ledger has exactly the usage that the API reported, for each reply.
      const bills = new Map(ended.bills.map((bill) => [bill.id, bill]));
      expect(ended.entries.map(({ requestId }) => requestId).sort()).toEqual(
        [...bills.keys()].sort(),
      );
      for (const entry of ended.entries) {
        const bill = bills.get(entry.requestId ?? '');
        if (bill === undefined) throw new Error(`the API has no reply ${entry.requestId}`);
        const output = entry.cut ? entry.tokens.output : (bill.usage['output_tokens'] ?? 0);
        const tokens = billed(bill, output);
        const { usd } = priceReply(PRICES, [bill.model], { tokens, webSearches: 0 });
        expect(entry).toMatchObject({ model: bill.model, tokens, usd: moneyText(usd) });
      }

      const costs = ended.entries.map(({ usd }) => parseMoney(usd));
      expect(costs.reduce((sum, usd) => sum + usd, 0n)).toBe(ended.spent);
      const highest = costs.reduce((most, usd) => (usd > most ? usd : most), 0n);
      // Replies in progress when the limit is reached may exceed it.
      const overrun = onLimit === 'reserve' ? 0n : 16n * highest;
      expect(ended.spent).toBeLessThanOrEqual(parseMoney(limit) + overrun);
    },
    300_000,
  );
});
