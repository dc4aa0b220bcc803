// Starts the gateway that was built, as in a pod.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The compiler sets the same limit. */
export const NODE_OPTIONS = '--max-semi-space-size=1';

/**
 * @param root the worktree whose built gateway is started, with its own Node.
 * @param port of the API.
 * @param nodeFlags for example `--cpu-prof`.
 * @returns the process, where it serves and with which token, and a function that ends it.
 */
export async function startGateway(root, port, nodeFlags = []) {
  const directory = mkdtempSync(join(tmpdir(), 'agentteam-bench-'));
  for (const path of ['ledger', 'control', 'state']) {
    mkdirSync(join(directory, 'var/lib/agentteam', path), { recursive: true });
  }
  const command = [...nodeFlags, join(root, 'dist/runner.mjs'), 'gateway'];
  const child = spawn(join(root, 'node_modules/.bin/node'), command, {
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS,
      AGENTTEAM_SPEC: JSON.stringify({
        team: 'bench',
        namespace: 'default',
        agent: 'worker',
        teamBudgetLimit: '1000000.00',
        onLimit: 'finish',
        onProviderLimit: 'wait',
        model: 'opus',
        mcpServers: [],
        record: false,
      }),
      AGENTTEAM_ROOT: directory,
      AGENTTEAM_UPSTREAM: `http://127.0.0.1:${port}`,
      AGENTTEAM_GATEWAY_PORT: '0',
      AGENTTEAM_STATUS_PORT: '0',
      AGENTTEAM_ENGINE: 'local',
    },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const end = async () => {
    child.stdin.end();
    await once(child, 'exit');
    rmSync(directory, { recursive: true, force: true });
  };
  for (;;) {
    try {
      const served = readFileSync(join(directory, 'run/agentteam/gateway.json'), 'utf8');
      return { child, end, ...JSON.parse(served) };
    } catch {
      await sleep(20);
    }
  }
}
