import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { execa } from 'execa';
import { servePod } from './pods.ts';
import type { Site } from './site.ts';

const POD = 'outside';
const [GIT, HOOKS] = [8081, 8082];
const PROGRAM = fileURLToPath(new URL('outside-pod.ts', import.meta.url));

/** The services outside of a team's cluster: its repository and the receiver of its webhooks. */
export interface Outside {
  /** URL of the repository `acme/backend`. */
  readonly repositoryUrl: string;
  readonly hookUrl: string;
  /** Runs git in that repository. */
  git(...args: readonly string[]): Promise<string>;
  /** The webhook calls so far. */
  calls(): Promise<readonly HookCall[]>;
}

export interface HookCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @param files directory with the initial files of the repository. */
export async function openOutside(
  site: Site,
  namespace: string,
  files: string | undefined,
): Promise<Outside> {
  const { outputFiles } = await build({
    ...{ entryPoints: [PROGRAM], bundle: true, write: false },
    ...{ platform: 'node', format: 'esm' },
  });
  const ip = await servePod(site, namespace, {
    name: POD,
    files: {
      'outside.mjs': outputFiles[0]?.text ?? '',
      ...(files !== undefined && { 'backend.bundle': await bundle(files) }),
    },
    command: ['node', '/files/outside.mjs', String(GIT), String(HOOKS)],
    ports: [GIT, HOOKS],
  });
  const kubectl = (...args: readonly string[]) => site.cluster.kubectl('-n', namespace, ...args);
  const inRepository = 'cd /tmp/repositories-*/acme/backend.git && exec git "$@"';
  return {
    repositoryUrl: `http://${ip}:${GIT}/acme/backend.git`,
    hookUrl: `http://${ip}:${HOOKS}/gates`,
    git: (...args) => kubectl('exec', POD, '--', 'sh', '-c', inRepository, 'git', ...args),
    calls: async () => {
      const lines = (await kubectl('logs', POD)).split('\n').filter((line) => line.startsWith('{'));
      return lines.map((line) => JSON.parse(line) as HookCall);
    },
  };
}

/** Creates a git bundle of a repository with one commit. */
async function bundle(files: string): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), 'agentteam-outside-'));
  const git = (...args: readonly string[]) =>
    execa('git', ['-c', 'user.name=e2e', '-c', 'user.email=e2e@localhost', ...args], {
      cwd: directory,
    });
  try {
    cpSync(files, directory, { recursive: true });
    await git('init', '--quiet', '--initial-branch=main');
    await git('add', '--all');
    await git('commit', '--quiet', '--message=Start');
    await git('bundle', 'create', '--quiet', '.git/backend.bundle', '--all', 'HEAD');
    return readFileSync(join(directory, '.git/backend.bundle'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
