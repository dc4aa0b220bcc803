import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentTeam } from '@agentteam/api';
import {
  type LedgerEntry,
  LedgerReader,
  moneyText,
  PRICES,
  parseMoney,
  priceReply,
} from '@agentteam/ledger';
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
 * The ledger, the stop marker, states, addresses and credentials, under every name by which they may be
 * had: at their container paths, and wherever something is mounted.
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

/** @param outside a file that no sandbox shows: where it is seen, nothing is destroyed or killed. */
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
        attack('past'),
        attack('leave'),
        {
          tools: [
            {
              name: 'Agent',
              as: 'sub-agent',
              input: { description: 'Spend', prompt: 'Spend.', subagent_type: 'general-purpose' },
            },
          ],
        },
        // A CLI of its own, with what it finds in its environment.
        bash(
          'nested',
          `echo Spend. | env -u CLAUDECODE "$(readlink /proc/$PPID/exe)" -p --tools ''`,
        ),
        // Everything that it can see, its runner first: once, or it would never get further. The mark has
        // a name of its own: what a command printed is a file that `tee` empties while the command runs.
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

/** Runs the team for real against an API that asks for its key. */
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
      /** Requests that were sent: others have no reply. */
      entries: ledger.entries().filter(({ status }) => status > 0),
      bills: api.bills(),
      subAgents,
      turnedAway: api.turnedAway(),
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

describe('an agent that does all it can to spend uncounted', () => {
  test.each([
    ['finish', '1.00', 'own'],
    ['reserve', '4.00', 'host'],
  ])(
    'is counted to the token, and stopped at the limit (%s, limit $%s, network: %s)',
    async (onLimit, limit, network) => {
      const ended = await run(onLimit, limit, network);
      // In a network of its own, nothing but its own gateway is there at all.
      const elsewhere = network === 'own' ? 0 : 401;
      expect(ended).toMatchObject({ exitCode: 5, phase: 'BudgetExceeded' });
      expect(ended.turnedAway).toBe(network === 'own' ? 0 : 2);
      expect(ended.stop).toMatchObject({ reason: 'budget', limit });

      // That it did try: a broken attack would prove nothing.
      expect(await ended.did('destroyed')).toContain('destroyed what it could');
      expect(JSON.parse(await ended.did('past'))).toEqual({
        'its own in UTF-16': 400,
        'its own, compressed': 415,
        'its own without an end': 400,
        'code that the API runs': 400,
        'other models instead': 400,
        'the API without a key': elsewhere,
        'the API with the token': elsewhere,
        'another gateway': elsewhere,
        'another gateway without a token': elsewhere,
        'its own with another token': 401,
        'another path': 403,
      });
      expect(await ended.did('leave')).toBe('{"left":12}');
      expect(await ended.did('nested')).toBe('A rehearsal.');
      expect(ended.restarts).toBe(1);
      expect(await ended.did('killed')).toBe('alive');
      expect(ended.subAgents).toBeGreaterThan(0);

      // What the API reported is what the ledger has, reply by reply, and nothing else is in either.
      const bills = new Map(ended.bills.map((bill) => [bill.id, bill]));
      expect(ended.entries.map(({ requestId }) => requestId).sort()).toEqual(
        [...bills.keys()].sort(),
      );
      for (const entry of ended.entries) {
        const bill = bills.get(entry.requestId ?? '');
        if (bill === undefined) throw new Error(`nobody sent ${entry.requestId}`);
        const output = entry.cut ? entry.tokens.output : (bill.usage['output_tokens'] ?? 0);
        const tokens = billed(bill, output);
        const { usd } = priceReply(PRICES, [bill.model], { tokens, webSearches: 0 });
        expect(entry).toMatchObject({ model: bill.model, tokens, usd: moneyText(usd) });
      }

      const costs = ended.entries.map(({ usd }) => parseMoney(usd));
      expect(costs.reduce((sum, usd) => sum + usd, 0n)).toBe(ended.spent);
      const dearest = costs.reduce((most, usd) => (usd > most ? usd : most), 0n);
      const underWay = onLimit === 'reserve' ? 0n : 16n * dearest;
      expect(ended.spent).toBeLessThanOrEqual(parseMoney(limit) + underWay);
    },
    300_000,
  );
});
