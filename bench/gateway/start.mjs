// Starts a gateway, bundled as in a pod: type stripping would use additional memory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The compiler sets the same limit. */
export const NODE_OPTIONS = '--max-semi-space-size=1';

/**
 * @param root the worktree whose gateway is started, with its own Node.
 * @param port of the API.
 * @param nodeFlags for example `--cpu-prof`.
 * @returns the process, where it serves and with which token, and a function that ends it.
 */
export async function startGateway(root, port, nodeFlags = []) {
  const directory = mkdtempSync(join(tmpdir(), 'agentteam-bench-'));
  for (const path of ['ledger', 'control', 'state']) {
    mkdirSync(join(directory, 'var/lib/agentteam', path), { recursive: true });
  }
  const program = join(directory, 'gateway.mjs');
  await bundle(root, program);
  const child = spawn(join(root, 'node_modules/.bin/node'), [...nodeFlags, program], {
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

async function bundle(root, outfile) {
  const { build } = createRequire(join(root, 'package.json'))('esbuild');
  await build({
    entryPoints: [join(root, 'packages/runner/test/gateway/run-gateway.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['source'],
    minifySyntax: true,
    minifyWhitespace: true,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
}
